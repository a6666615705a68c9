package io.l4lb.peer;

import java.util.Optional;

/** Why a connection to a peer ended, or was not made; the code goes over the wire. */
public enum Ending {
    CLOSED(0, "closed", "closed"),
    SILENT(1, "silent", "nothing was heard for too long"),
    OTHER_CLUSTER(2, "other-cluster", "the nodes name different clusters (replication.cluster)"),
    OTHER_VERSION(3, "other-version", "the nodes speak different major versions"),
    UNKNOWN_PEER(4, "unknown-peer", "the node that dialed is not among replication.peers"),
    WRONG_NAME(5, "wrong-name", "the node is not the one that was dialed, or its certificate does not name it"),
    REPLACED(6, "replaced", "a newer connection of the same peer took its place"),
    MALFORMED(7, "malformed", "what came is not what peers say"),
    WRONG_LENGTH(8, "wrong-length", "a frame announced a length that is not allowed"),
    GAP(9, "gap", "a batch is missing before the one that came"),
    SNAPSHOT_TOO_LARGE(10, "snapshot-too-large", "a snapshot had more than replication.flows have room for"),
    CROWDED(11, "crowded", "too many connections had not yet said who they are"),
    UNTRUSTED(12, "untrusted", "the TLS handshake failed"),
    UNREACHABLE(13, "unreachable", "no connection"),
    FAILED(14, "failed", "the node could not read or write its journal");

    private static final Ending[] ALL = values();

    private final int code;
    private final String label;
    private final String words;

    Ending(int code, String label, String words) {
        this.code = code;
        this.label = label;
        this.words = words;
    }

    static Optional<Ending> ofCode(int code) {
        return code >= 0 && code < ALL.length ? Optional.of(ALL[code]) : Optional.empty();
    }

    int code() {
        return code;
    }

    /** {@return the word in counters} */
    public String label() {
        return label;
    }

    /** {@return what an operator reads} */
    public String words() {
        return words;
    }
}
