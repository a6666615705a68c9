/** Placeholder. */
package io.l4lb.node;
