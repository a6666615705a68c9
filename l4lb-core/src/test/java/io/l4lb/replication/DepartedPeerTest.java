package io.l4lb.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.replication.ReplicationConfig;
import io.l4lb.config.replication.ReplicationConfig.PeerConfig;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.net.IpAddress;
import io.l4lb.net.L4Address;
import io.l4lb.replica.ReplicaNumbers;
import io.l4lb.track.FlowChange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Node a followed b, and a reload has taken b out: what b said is not lost, and its files do not stay. */
class DepartedPeerTest {
    private static final int TCP = 6;
    private static final int FLOWS = 50;
    private static final int PATIENCE_SECONDS = 60;

    @TempDir
    private Path directory;

    private L4Address atA;
    private L4Address atB;

    @BeforeEach
    void addresses() throws IOException {
        try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            atA = loopback(one.getLocalPort());
            atB = loopback(other.getLocalPort());
        }
    }

    private static L4Address loopback(int l4Port) {
        return new L4Address(IpAddress.parse("127.0.0.1").orElseThrow(), l4Port);
    }

    private ReplicationConfig configOfA(PeerConfig... peers) {
        return new ReplicationConfig("edge", atA, List.of(peers), Optional.empty(), 10_000, 1L << 30, 1);
    }

    private Replication node(String id, ReplicationConfig config, ReplicaNumbers numbers) {
        return new Replication(id, config, directory.resolve(id), new FlowTimeouts(900, 60), numbers, 1);
    }

    private Path journal(String name) {
        return directory.resolve("a/journal").resolve(name);
    }

    @Test
    void whatItSaidSurvivesAStartBeforeACheckpointAndItsFilesGoWithOne() throws Exception {
        try (Replication a = node("a", configOfA(new PeerConfig("b", atB)), new ReplicaNumbers())) {
            a.start();
            sayAsB(a);
            a.apply(configOfA());
            assertThat(journal("peer-b")).isDirectory();
        }
        try (Replication a = node("a", configOfA(), new ReplicaNumbers())) {
            assertThat(a.status().recoveredFlows()).isEqualTo(FLOWS);
            a.start();
            await("its files are gone", () -> !Files.exists(journal("peer-b")));
        }
        try (Replication a = node("a", configOfA(), new ReplicaNumbers())) {
            assertThat(a.status().recoveredFlows()).isEqualTo(FLOWS);
        }
    }

    @Test
    void oneThatComesBackGetsADirectoryOfItsOwn() throws Exception {
        PeerConfig b = new PeerConfig("b", atB);
        try (Replication a = node("a", configOfA(b), new ReplicaNumbers())) {
            a.start();
            sayAsB(a);
            a.apply(configOfA());
            a.apply(configOfA(b));
            assertThat(journal("peer-b~2")).isDirectory();
            assertThat(journal("peer-b")).isDirectory();
            assertThat(a.status().journalProblems()).isZero();
        }
        try (Replication a = node("a", configOfA(b), new ReplicaNumbers())) {
            assertThat(a.status().recoveredFlows()).isEqualTo(FLOWS);
            a.start();
            await("the files of its first membership are gone", () -> !Files.exists(journal("peer-b")));
            assertThat(journal("peer-b~2")).isDirectory();
        }
    }

    /** Node b lives for as long as a takes to hear of its flows. */
    private void sayAsB(Replication a) throws Exception {
        ReplicationConfig config = new ReplicationConfig(
                "edge", atB, List.of(new PeerConfig("a", atA)), Optional.empty(), 10_000, 1L << 30, 1);
        ReplicaNumbers numbers = new ReplicaNumbers();
        int vip = numbers.vip(IpAddress.ipv4(0xc6336401), TCP);
        int backend = numbers.backend(IpAddress.ipv4(0x0a000001));
        try (Replication b = node("b", config, numbers)) {
            b.start();
            int tick = FlowStateDescriptor.tick(System.nanoTime());
            long state = FlowStateDescriptor.word(vip, backend, FlowStateDescriptor.ESTABLISHED, tick);
            for (int key = 1; key <= FLOWS; key++) {
                b.ring(0).offer(0, key, state, 0, FlowChange.PIN, false);
            }
            b.ring(0).publish();
            await("a knows them", () -> a.status().flows() == FLOWS);
        }
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadlineNs).as(what).isNegative();
            Thread.sleep(5);
        }
    }
}
