/** Placeholder. */
package io.l4lb.bench;
