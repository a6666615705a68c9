/** Which backend an outer packet was on its way to. */
package io.l4lb.path;
