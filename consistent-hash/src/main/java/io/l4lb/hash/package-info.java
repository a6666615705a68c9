/** Placeholder. */
package io.l4lb.hash;
