package io.l4lb.peer.group;

import io.l4lb.peer.BatchSink;
import io.l4lb.peer.BatchSource;

/** Where batches come from and go to. Any thread. */
public interface Journals {
    /** {@return what to send to {@code peerId}} A new one for each connection, closed at its end. */
    BatchSource source(String peerId);

    /** {@return where to put what comes from {@code peerId}} Asked when the peer joins, and when the configuration changes. */
    BatchSink sink(String peerId);
}
