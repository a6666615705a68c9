/**
 * What nodes tell each other: a node dials each of its peers and follows its journal.
 *
 * <pre>
 *  node A                                                                      node B
 *  journal ─► BatchSource ─► SenderSession ──── batches, snapshot ───► ReceiverSession ─► BatchSink ─► B's copy of A's journal
 *                                          ◄─── hello, acknowledgements ──
 * </pre>
 *
 * Sessions are state machines: bytes in, bytes out, the time as an argument; sockets and threads are in
 * {@code io.l4lb.peer.link}, TLS in {@code io.l4lb.peer.tls}. Batches are opaque here.
 */
package io.l4lb.peer;
