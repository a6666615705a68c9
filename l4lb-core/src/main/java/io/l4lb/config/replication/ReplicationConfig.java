package io.l4lb.config.replication;

import io.l4lb.net.L4Address;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What nodes tell each other, and how.
 *
 * @param cluster peers that name another one are refused
 * @param listen where peers come to follow this node's journal
 * @param peers at most {@link #MAX_PEERS}; ids and addresses unique, neither this node's own
 * @param tls empty: plain TCP, said so explicitly
 * @param flows tracked flows of the whole cluster that the replica table has room for
 * @param diskBytes that all journals together may take
 * @param catchUpSeconds how long a peer that cannot be reached keeps a starting node from announcing
 */
public record ReplicationConfig(
        String cluster,
        L4Address listen,
        List<PeerConfig> peers,
        Optional<TlsConfig> tls,
        int flows,
        long diskBytes,
        int catchUpSeconds) {
    public static final int MAX_PEERS = 64;
    /** 2^24 x 60 bytes = 960 MiB, touched once there is a flow. */
    public static final int DEFAULT_FLOWS = 1 << 24;

    public static final int MIN_FLOWS = 1024;
    public static final int MAX_FLOWS = 1 << 28;
    /** 8 GiB: some twenty checkpoints of 2^24 flows of 24 bytes. */
    public static final long DEFAULT_DISK_BYTES = 8L << 30;
    /** A journal file takes 64 MiB of address space at a time. */
    public static final long MIN_DISK_BYTES = 256L << 20;

    public static final long MAX_DISK_BYTES = 1L << 50;
    public static final int DEFAULT_CATCH_UP_SECONDS = 10;
    public static final int MAX_CATCH_UP_SECONDS = 3600;

    public ReplicationConfig {
        peers = List.copyOf(peers);
    }

    /** Another node of the cluster; its certificate names {@code id}. */
    public record PeerConfig(String id, L4Address address) {}

    /** PEM files, read again when they change. */
    public record TlsConfig(Path certificate, Path key, Path ca) {}
}
