package io.l4lb.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.config.replication.ReplicationConfig;
import io.l4lb.config.replication.ReplicationConfig.PeerConfig;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.net.IpAddress;
import io.l4lb.net.L4Address;
import io.l4lb.replica.ReplicaNumbers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A running node's replication, with journals on disk and a socket, and peers that nobody answers for. */
class ReplicationTest {
    @TempDir
    private Path directory;

    private static L4Address loopback(int l4Port) {
        return new L4Address(IpAddress.parse("127.0.0.1").orElseThrow(), l4Port);
    }

    private static L4Address free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return loopback(socket.getLocalPort());
        }
    }

    private static ReplicationConfig config(L4Address listen, L4Address ofPeers, String... peers) {
        List<PeerConfig> known =
                List.of(peers).stream().map(id -> new PeerConfig(id, ofPeers)).toList();
        return new ReplicationConfig("edge", listen, known, Optional.empty(), 10_000, 1L << 30, 10);
    }

    private static List<String> peers(Replication node) {
        return node.status().peers().stream().map(peer -> peer.link().id()).toList();
    }

    @Test
    void aConfigurationThatCannotBeHadLeavesTheOneBeforeInForce() throws IOException {
        L4Address listen = free();
        L4Address nobody = free();
        try (Replication node = new Replication(
                        "a",
                        config(listen, nobody, "b"),
                        directory,
                        new FlowTimeouts(900, 60),
                        new ReplicaNumbers(),
                        1);
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            node.start();
            ReplicationConfig cannotBe = config(loopback(taken.getLocalPort()), nobody, "c");

            assertThatThrownBy(() -> node.apply(cannotBe)).hasMessageContaining("replication.listen");
            assertThat(peers(node)).containsExactly("b");

            node.apply(config(listen, nobody, "c", "d"));
            assertThat(peers(node)).containsExactly("c", "d");
            assertThat(Files.isDirectory(directory.resolve("journal/peer-d"))).isTrue();
            assertThat(node.status().journalProblems()).isZero();
        }
    }
}
