/**
 * One try of each kind: what is sent, and what counts as an answer. Whatever a backend sends, a probe ends at its deadline and
 * at a limit of bytes. Virtual threads.
 */
package io.l4lb.health.probe;
