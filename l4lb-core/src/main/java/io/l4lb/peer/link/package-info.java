/** Connections to peers that never block: plain TCP here, TLS in {@code io.l4lb.peer.tls}. */
package io.l4lb.peer.link;
