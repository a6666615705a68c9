/** Mutual TLS 1.3 between peers: keys and certificates from files, and a link over a channel that never blocks. */
package io.l4lb.peer.tls;
