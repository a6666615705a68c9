package io.l4lb.peer.group;

import io.l4lb.peer.SessionTerms;
import io.l4lb.peer.link.Link;
import io.l4lb.peer.link.PlainLink;
import io.l4lb.peer.tls.TlsFiles;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/**
 * What all connections of a node have in common.
 *
 * @param tls empty: plain TCP
 */
record Site(SessionTerms terms, Optional<TlsFiles> tls) {
    Link link(SocketChannel channel, boolean isClient) {
        return tls.<Link>map(files -> files.link(channel, isClient)).orElseGet(() -> new PlainLink(channel));
    }
}
