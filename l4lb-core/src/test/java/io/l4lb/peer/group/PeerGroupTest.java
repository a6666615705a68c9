package io.l4lb.peer.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.config.replication.ReplicationConfig;
import io.l4lb.config.replication.ReplicationConfig.TlsConfig;
import io.l4lb.peer.Ending;
import io.l4lb.peer.PeerCounters.Count;
import io.l4lb.peer.tls.TlsFilesException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes with real sockets and real TLS on the loopback. */
class PeerGroupTest {
    @TempDir
    private Path directory;

    private Certificates certificates;
    private TestNode one;
    private TestNode two;

    @BeforeEach
    void makeNodes() {
        certificates = new Certificates(directory);
        certificates.authority("ca");
        one = new TestNode("lb1").with(certificates.node("ca", "lb1"));
        two = new TestNode("lb2").with(certificates.node("ca", "lb2"));
    }

    @AfterEach
    void stop() {
        one.close();
        two.close();
    }

    private void startBoth() throws Exception {
        one.start(two.as("lb2"));
        two.start(one.as("lb1"));
        TestNode.await(
                "both follow",
                () -> one.peer("lb2").hasCaughtUp() && two.peer("lb1").hasCaughtUp());
    }

    private static void append(TestNode node, int from, int to) {
        for (int number = from; number < to; number++) {
            node.journal.append(number, number, 100);
        }
    }

    @Test
    void nodesFollowEachOther() throws Exception {
        append(one, 0, 50);
        startBoth();
        append(one, 50, 100);
        append(two, 0, 100);

        TestNode.await("both have all", () -> two.has(one) && one.has(two));
        TestNode.await(
                "all is acknowledged",
                () -> one.peer("lb2").unacknowledged() == 0
                        && one.peer("lb2").lag().batches() >= 50);
        assertThat(two.replicaOf("lb1").timesCaughtUp()).isEqualTo(1);
        assertThat(one.peer("lb2").counters().get(Count.CONNECTIONS)).isEqualTo(2);
        System.out.println("lag on the loopback: " + one.peer("lb2").lag());
    }

    @Test
    void aNodeThatComesAgainResumes() throws Exception {
        startBoth();
        append(one, 0, 100);
        TestNode.await("all before", () -> two.has(one));
        long beforeNs = System.nanoTime();
        two.close();
        assertThat(System.nanoTime() - beforeNs).isLessThan(1_500_000_000L);
        append(one, 100, 200);

        two.start(one.as("lb1"));

        TestNode.await("all behind", () -> two.has(one));
        assertThat(two.replicaOf("lb1").snapshots()).isEqualTo(1);
        assertThat(two.peer("lb1").counters().get(Count.BATCHES_IN)).isEqualTo(100);
    }

    @Test
    void anotherAuthoritysCertificateIsNotTrusted() throws Exception {
        certificates.authority("other");
        two.with(certificates.node("other", "lb2"));
        one.start(two.as("lb2"));
        two.start(one.as("lb1"));

        TestNode.await(
                "both say so",
                () -> one.peer("lb2").counters().endings(Ending.UNTRUSTED) > 0
                        && two.peer("lb1").counters().endings(Ending.UNTRUSTED) > 0
                        && one.group().strangers().endings(Ending.UNTRUSTED) > 0);
        assertThat(one.peer("lb2").hasCaughtUp()).isFalse();
        assertThat(one.peer("lb2").problem().orElseThrow()).contains("TLS");
    }

    @Test
    void aCertificateOfAnotherNodeIsNoProof() throws Exception {
        two.with(certificates.node("ca", "lb3"));
        assertThatThrownBy(() -> two.start(one.as("lb1")))
                .isInstanceOf(TlsFilesException.class)
                .hasMessageContaining("replication.tls.certificate")
                .hasMessageContaining("lb2");
        TestNode three = new TestNode("lb3").with(certificates.files("ca", "lb3"));
        try (three) {
            three.start(one.as("lb1"));
            one.start(three.as("lb2"));

            TestNode.await(
                    "refused both ways",
                    () -> one.peer("lb2").counters().endings(Ending.WRONG_NAME) > 0
                            && three.peer("lb1").counters().endings(Ending.UNKNOWN_PEER) > 0);
            assertThat(three.peer("lb1").problem().orElseThrow()).startsWith("refused: ");
        }
    }

    @Test
    void anotherClusterIsRefused() throws Exception {
        two.of("core");
        one.start(two.as("lb2"));
        two.start(one.as("lb1"));

        TestNode.await(
                "both say so",
                () -> one.peer("lb2").counters().endings(Ending.OTHER_CLUSTER) > 0
                        && two.peer("lb1").counters().endings(Ending.OTHER_CLUSTER) > 0);
        assertThat(two.peer("lb1").problem().orElseThrow()).contains("cluster");
    }

    @Test
    void certificatesAreChangedWhileTheNodesRun() throws Exception {
        startBoth();
        Files.writeString(directory.resolve("lb1.pem"), "-----BEGIN CERTIFICATE-----\nhalf");
        TestNode.await("the broken file is seen", () -> one.group().tlsProblem().isPresent());
        assertThat(one.group().tlsProblem().orElseThrow()).contains("lb1.pem");

        certificates.authority("next");
        Path both = directory.resolve("both.pem");
        Files.writeString(
                both, Files.readString(directory.resolve("ca.pem")) + Files.readString(directory.resolve("next.pem")));
        Files.move(both, directory.resolve("ca.pem"), StandardCopyOption.REPLACE_EXISTING);
        certificates.node("next", "lb1");
        TestNode.await("the new files are taken", () -> one.group().tlsProblem().isEmpty());
        append(one, 0, 10);
        TestNode.await("nothing was interrupted", () -> two.has(one));
        assertThat(one.peer("lb2").counters().get(Count.CONNECTIONS)).isEqualTo(2);

        two.close();
        two.start(one.as("lb1"));
        append(one, 10, 20);
        TestNode.await("the new certificate is trusted", () -> two.has(one));
    }

    @Test
    void aChainThatIsNoneLeavesTheFilesBeforeInUse() throws Exception {
        startBoth();
        certificates.authority("stranger");
        String good = Files.readString(directory.resolve("lb1.pem"));
        Files.writeString(directory.resolve("lb1.pem"), good + Files.readString(directory.resolve("stranger.pem")));
        TestNode.await("it is seen", () -> one.group().tlsProblem().isPresent());
        assertThat(one.group().tlsProblem().orElseThrow()).contains("replication.tls.certificate", "lb1.pem");

        two.close();
        two.start(one.as("lb1"));
        append(one, 0, 10);
        TestNode.await("connections are taken", () -> two.has(one));
    }

    @Test
    void whateverGoesWrongTheNextLookForConnectionsFollows() throws Exception {
        one.start();
        CountDownLatch failed = new CountDownLatch(2);
        Acceptor acceptor = new Acceptor(
                TestNode.freeAddress(),
                () -> {
                    failed.countDown();
                    throw new IllegalStateException("for a test");
                },
                one.group(),
                _ -> true,
                _ -> {});
        acceptor.start();
        try {
            assertThat(failed.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            acceptor.stop(TimeUnit.SECONDS.toNanos(30));
        }
    }

    @Test
    void aConfigurationThatCannotBeHadChangesNothing() throws Exception {
        startBoth();
        ReplicationConfig now = one.config(two.as("lb2"));
        ReplicationConfig noFiles = two.with(certificates.files("ca", "nobody")).config();
        ReplicationConfig othersAddress = new ReplicationConfig(
                now.cluster(), two.listen(), List.of(), now.tls(), now.flows(), now.diskBytes(), now.catchUpSeconds());

        assertThatThrownBy(() -> one.group().apply(noFiles)).isInstanceOf(TlsFilesException.class);
        assertThatThrownBy(() -> one.group().apply(othersAddress)).isInstanceOf(IOException.class);

        append(one, 0, 10);
        TestNode.await("nobody has left", () -> two.has(one));
        assertThat(one.peer("lb2").counters().get(Count.CONNECTIONS)).isEqualTo(2);
    }

    @Test
    void peersComeAndGoWithoutTheOthersNotice() throws Exception {
        startBoth();
        TlsConfig files = certificates.node("ca", "lb3");
        TestNode three = new TestNode("lb3").with(files);
        try (three) {
            three.start(one.as("lb1"));
            one.group().apply(one.config(two.as("lb2"), three.as("lb3")));
            append(one, 0, 10);
            TestNode.await(
                    "the third follows", () -> three.has(one) && one.peer("lb3").hasCaughtUp());

            one.group().apply(one.config(two.as("lb2")));
            TestNode.await(
                    "the third is refused", () -> three.peer("lb1").counters().endings(Ending.UNKNOWN_PEER) > 0);
            append(one, 10, 20);
            TestNode.await("the second still follows", () -> two.has(one));
            assertThat(one.group().peers()).hasSize(1);
            assertThat(one.peer("lb2").counters().get(Count.CONNECTIONS)).isEqualTo(2);
        }
    }

    @Test
    void whereItCannotListenIsSaid() throws IOException {
        one.start();
        TestNode same = new TestNode("lb9");

        assertThatThrownBy(() -> new PeerGroup("lb1", one.config(), same).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("replication.listen: " + one.listen());
    }
}
