package io.l4lb.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.config.replication.ReplicationConfig;
import io.l4lb.config.replication.ReplicationConfig.PeerConfig;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.net.IpAddress;
import io.l4lb.net.L4Address;
import io.l4lb.peer.group.PeerStatus;
import io.l4lb.replica.ReplicaNumbers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A running node's replication, with journals on disk and a socket, and peers that nobody answers for. */
class ReplicationTest {
    private static final int PATIENCE_SECONDS = 60;

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

    /** A node that announces goes on to: what it knows does not get less, and the peer is known to be gone, or slow. */
    @Test
    void aPeerThatIsGoneIsNotCaughtUpWithAnyMoreAndTheNodeStaysReady() throws Exception {
        L4Address atA = free();
        L4Address atB = free();
        try (Replication a = node("a", config(atA, atB, "b"))) {
            Replication b = node("b", config(atB, atA, "a"));
            try (b) {
                a.start();
                b.start();
                await("a has what b says", () -> a.isReady() && a.status().isCaughtUp());
            }
            await("a says that b is gone", () -> !a.status().isCaughtUp());

            assertThat(a.isReady()).isTrue();
            ReplicationStatus.Peer gone = a.status().peers().getFirst();
            assertThat(gone.caughtUp()).isFalse();
            assertThat(gone.link().hasCaughtUp()).isTrue();
            await(
                    "and why",
                    () -> a.status().peers().getFirst().link().problem().isPresent());
            PeerStatus.Trouble trouble =
                    a.status().peers().getFirst().link().following().orElseThrow();
            assertThat(trouble.words()).isNotEmpty();
            assertThat(trouble.since()).isBetween(Instant.now().minusSeconds(PATIENCE_SECONDS), Instant.now());
            assertThat(trouble.until()).isEmpty();

            try (Replication again = node("b", config(atB, atA, "a"))) {
                again.start();
                await("a has what b says again", () -> a.status().isCaughtUp());
                assertThat(a.status().peers().getFirst().link().problem()).isEmpty();
                assertThat(a.status()
                                .peers()
                                .getFirst()
                                .link()
                                .following()
                                .orElseThrow()
                                .until())
                        .isPresent();
            }
        }
    }

    private Replication node(String id, ReplicationConfig config) {
        return new Replication(id, config, directory.resolve(id), new FlowTimeouts(900, 60), new ReplicaNumbers(), 1);
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadlineNs).as(what).isNegative();
            Thread.sleep(5);
        }
    }
}
