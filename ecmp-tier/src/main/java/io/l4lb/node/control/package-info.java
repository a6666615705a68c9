/**
 * What may be changed while a node runs: which backends are used and how much, and by which configuration.
 *
 * <pre>
 * health ──► BackendStates ─┐ wanted                     ┌─► worker
 * operator ─► (file)        ├─► TablePublisher ─► table ─┼─► worker
 * reload, next hops ────────┘   one thread, coalesces    └─► worker
 * </pre>
 */
package io.l4lb.node.control;
