package io.l4lb.config.replication;

import io.l4lb.config.replication.ReplicationConfig.PeerConfig;
import io.l4lb.config.yaml.Findings;
import io.l4lb.config.yaml.MappingReader;
import io.l4lb.config.yaml.Setting;
import io.l4lb.config.yaml.ValueKind;
import io.l4lb.config.yaml.YamlNode;
import io.l4lb.net.IpAddress;
import io.l4lb.net.L4Address;
import java.util.List;
import java.util.Optional;

/** {@code replication:} as read. */
public record ReplicationSection(
        Setting<String> cluster,
        Setting<L4Address> listen,
        Setting<List<PeerSection>> peers,
        Setting<TlsSection> tls,
        Setting<Integer> flows,
        Setting<Long> diskBytes,
        Setting<Integer> catchUpSeconds) {
    private static final List<String> KEYS =
            List.of("cluster", "listen", "peers", "tls", "flows", "diskBytes", "catchUpSeconds");
    /** A checkpoint, the one before it until the new one is whole, and what happens meanwhile. */
    private static final int CHECKPOINTS_WANTED = 3;
    /** An IPv4 event; IPv6 ones are larger. */
    private static final int EVENT_LENGTH_BYTES = 24;

    private static final ValueKind<L4Address> ADDRESS = ValueKind.of(
            scalar -> L4Address.parse(scalar.text()).filter(parsed -> isOfOneMachine(parsed.address())),
            "the address and l4Port of one machine, such as 192.0.2.1:7654 or \"[2001:db8::1]:7654\"");

    public static ReplicationSection read(YamlNode node, String path, Findings findings) {
        MappingReader mapping = new MappingReader(node, path, findings, KEYS);
        return new ReplicationSection(
                mapping.value("cluster", ValueKind.name())
                        .required("a name that all nodes of the cluster give, and no other's"),
                mapping.value("listen", ADDRESS)
                        .required("the address and l4Port at which peers reach this node, such as 192.0.2.1:7654"),
                mapping.list("peers", (at, itemPath) -> PeerSection.read(at, itemPath, findings))
                        .required("the other nodes, each {id: …, address: …}; [] if there is none yet"),
                mapping.section("tls", (at, tlsPath) -> TlsSection.read(at, tlsPath, findings))
                        .required(TlsSection.EXPECTED),
                mapping.value("flows", ValueKind.integer(ReplicationConfig.MIN_FLOWS, ReplicationConfig.MAX_FLOWS))
                        .orElse(ReplicationConfig.DEFAULT_FLOWS),
                mapping.value(
                                "diskBytes",
                                ValueKind.longInteger(
                                        ReplicationConfig.MIN_DISK_BYTES, ReplicationConfig.MAX_DISK_BYTES))
                        .orElse(ReplicationConfig.DEFAULT_DISK_BYTES),
                mapping.value("catchUpSeconds", ValueKind.integer(0, ReplicationConfig.MAX_CATCH_UP_SECONDS))
                        .orElse(ReplicationConfig.DEFAULT_CATCH_UP_SECONDS));
    }

    private static boolean isOfOneMachine(IpAddress address) {
        return address.isUnicast() || address.isLoopback();
    }

    private List<PeerSection> peerList() {
        return peers.value().orElse(List.of());
    }

    /**
     * Checks against itself and the rest of the file.
     *
     * @param nodeId this node's
     * @param ownFlows what the node's own flow tables hold, all workers together; 0 if unknown
     */
    public void check(Optional<String> nodeId, long ownFlows) {
        checkPeers(nodeId);
        tls.value()
                .filter(section -> section.isNone() && peerList().stream().anyMatch(PeerSection::isElsewhere))
                .ifPresent(section -> tls.warn("peers talk in plain TCP: whoever reaches " + listen.key()
                        + " as one of their ids reads and writes this cluster's flows"));
        flows.value().ifPresent(room -> {
            if (room < ownFlows) {
                flows.warn("room for " + room + " flows of the whole cluster, and this node's own tables hold "
                        + ownFlows);
            }
            checkDisk(room);
        });
    }

    private void checkPeers(Optional<String> nodeId) {
        Setting.refuseRepeats(peerList().stream().map(PeerSection::id), "an id of its own");
        Setting.refuseRepeats(peerList().stream().map(PeerSection::address), "an address of its own");
        for (PeerSection peer : peerList()) {
            if (nodeId.isPresent() && nodeId.equals(peer.id().value())) {
                peer.id().fault("the id of another node; this one is node.id");
            }
            if (listen.value().isPresent()
                    && listen.value().equals(peer.address().value())) {
                peer.address().fault("where another node listens; this one is " + listen.key());
            }
        }
        if (peerList().size() > ReplicationConfig.MAX_PEERS) {
            peers.fault("at most " + ReplicationConfig.MAX_PEERS + " peers");
        } else if (peers.value().filter(List::isEmpty).isPresent()) {
            peers.warn("no peers: flows outlive this node's own restart, and no other node knows them");
        }
    }

    private void checkDisk(int room) {
        long wanted = (long) CHECKPOINTS_WANTED * EVENT_LENGTH_BYTES * room;
        diskBytes.value().filter(bytes -> bytes < wanted).ifPresent(bytes -> {
            Setting<?> culprit = diskBytes.isGiven() ? diskBytes : flows;
            culprit.warn("diskBytes of " + bytes + " have no room for " + CHECKPOINTS_WANTED + " checkpoints of " + room
                    + " flows, which take " + wanted + ": a full table stops the journal");
        });
    }

    /** {@return the section's record} */
    public ReplicationConfig config() {
        return new ReplicationConfig(
                cluster.get(),
                listen.get(),
                peers.get().stream().map(PeerSection::config).toList(),
                tls.get().config(),
                flows.get(),
                diskBytes.get(),
                catchUpSeconds.get());
    }

    /** An entry of {@code peers:}. */
    public record PeerSection(Setting<String> id, Setting<L4Address> address) {
        static PeerSection read(YamlNode node, String path, Findings findings) {
            MappingReader mapping = new MappingReader(node, path, findings, List.of("id", "address"));
            return new PeerSection(
                    mapping.value("id", ValueKind.name()).required("the peer's node.id"),
                    mapping.value("address", ADDRESS).required("the address and l4Port at which the peer listens"));
        }

        private boolean isElsewhere() {
            return address.value()
                    .filter(parsed -> !parsed.address().isLoopback())
                    .isPresent();
        }

        PeerConfig config() {
            return new PeerConfig(id.get(), address.get());
        }
    }
}
