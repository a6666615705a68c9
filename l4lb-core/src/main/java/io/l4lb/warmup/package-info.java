/**
 * Has the hot path compiled before the first packet comes: synthetic packets through real workers over a device in memory.
 * Cold; one thread, before the node's workers start. See docs/design/10-warm-up.md.
 */
package io.l4lb.warmup;
