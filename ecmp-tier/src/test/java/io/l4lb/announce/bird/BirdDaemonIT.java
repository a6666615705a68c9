package io.l4lb.announce.bird;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.config.announce.AnnounceConfig;
import io.l4lb.config.announce.BirdConfig;
import io.l4lb.config.announce.BirdConfig.NeighbourConfig;
import io.l4lb.net.IpAddress;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real BIRD in a namespace without a name or a link; whatever is wrong with it is said, and mended when it is. */
class BirdDaemonIT {
    @TempDir
    private Path directory;

    private BirdDaemon daemon;
    private AnnounceConfig config;
    private Process bird;

    @BeforeEach
    void needsBird() throws IOException, InterruptedException {
        boolean there = Stream.of((System.getenv("PATH") + ":/usr/sbin").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "bird")));
        boolean root =
                there && new ProcessBuilder("unshare", "-n", "true").start().waitFor() == 0;
        if (!root) {
            System.err.println("BirdDaemonIT is skipped: it needs bird2 and root");
        }
        assumeTrue(root, "needs bird2 and root");
        config = config(directory.resolve("l4lb.conf"));
        daemon = new BirdDaemon("lb-1", config);
    }

    private AnnounceConfig config(Path file) {
        IpAddress local = IpAddress.parse("10.0.0.1").orElseThrow();
        IpAddress router = IpAddress.parse("10.0.0.2").orElseThrow();
        BirdConfig told = new BirdConfig(
                file,
                directory.resolve("bird.ctl"),
                4_200_000_000L,
                Optional.of(local),
                IpAddress.parse("fd00::1"),
                50,
                3,
                List.of(new NeighbourConfig(router, 64500, true)));
        return new AnnounceConfig("l4lb-x", 198, 1, 1, 60, 5, 50, Optional.of(told));
    }

    @AfterEach
    void endBird() throws InterruptedException {
        if (bird != null) {
            bird.destroyForcibly().waitFor();
        }
    }

    private void startBird() throws IOException, InterruptedException {
        bird = new ProcessBuilder(
                        "unshare",
                        "-n",
                        "bird",
                        "-f",
                        "-c",
                        directory.resolve("bird.conf").toString(),
                        "-s",
                        directory.resolve("bird.ctl").toString(),
                        "-P",
                        directory.resolve("bird.pid").toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("bird.log").toFile())
                .start();
        for (int i = 0; i < 200 && !Files.exists(directory.resolve("bird.ctl")); i++) {
            Thread.sleep(50);
        }
    }

    private void operatorWrites(String more) throws IOException {
        Files.writeString(directory.resolve("bird.conf"), "router id 10.0.0.1;\nprotocol device { }\n" + more + "\n");
    }

    private String include() {
        return "include \"" + directory + "/l4lb*.conf\";";
    }

    private void signalBird(String signal) throws IOException, InterruptedException {
        String pid = Files.readString(directory.resolve("bird.pid")).strip();
        assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor())
                .isZero();
    }

    @Test
    void itIsToldAndFollowedAndADaemonThatDiesIsSaidSoUntilItIsBack() throws IOException, InterruptedException {
        operatorWrites(include());
        assertThat(daemon.look(config).problem()).contains("BIRD does not answer on", "start it");
        assertThat(daemon.look(config).sessions().getFirst().state()).isEqualTo("unknown");
        startBird();
        BirdStatus there = daemon.look(config);
        assertThat(there.problem()).isEmpty();
        assertThat(there.version()).startsWith("2.");
        assertThat(there.sessions().getFirst().neighbour()).isEqualTo("10.0.0.2");
        assertThat(there.sessions().getFirst().established()).isFalse();

        signalBird("KILL");
        assertThat(bird.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(daemon.look(config).problem()).contains("BIRD does not answer on");
        Files.delete(directory.resolve("bird.ctl"));
        startBird();
        assertThat(daemon.look(config).problem()).isEmpty();
    }

    @Test
    void aDaemonThatHasNotIncludedTheFileIsExplained() throws IOException, InterruptedException {
        operatorWrites("");
        startBird();
        assertThat(daemon.look(config).problem()).contains("add to its configuration: include", "l4lb.conf");
        operatorWrites(include());
        assertThat(daemon.look(config).problem()).isEmpty();
    }

    @Test
    void anOperatorsOwnProtocolBfdIsSaidToBeInTheWay() throws IOException, InterruptedException {
        operatorWrites(include() + "\nprotocol bfd mine { }");
        startBird();
        assertThat(daemon.look(config).problem()).contains("a second protocol bfd, \"mine\"", "l4lb_lb_1_bfd");
        operatorWrites(include());
        signalBird("HUP");
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!daemon.look(config).problem().isEmpty() && System.nanoTime() - deadlineNs < 0) {
            Thread.sleep(50);
        }
        assertThat(daemon.look(config).problem()).isEmpty();
    }

    @Test
    void aDaemonThatRefusesItsConfigurationIsQuoted() throws IOException, InterruptedException {
        operatorWrites("");
        startBird();
        operatorWrites("nonsense;");
        assertThat(daemon.look(config).problem()).contains("BIRD refuses its configuration", "bird.conf:3");
        operatorWrites(include());
        assertThat(daemon.look(config).problem()).isEmpty();
    }

    @Test
    void aDaemonThatStandsStillIsGivenUpAfterTwoSeconds() throws IOException, InterruptedException {
        operatorWrites(include());
        startBird();
        assertThat(daemon.look(config).problem()).isEmpty();
        signalBird("STOP");
        assertThat(daemon.look(config).problem()).contains("BIRD does not answer on");
        signalBird("CONT");
        assertThat(daemon.look(config).problem()).isEmpty();
    }

    @Test
    void aFileThatCannotBeWrittenIsSaidAndSessionsAreStillFollowed() throws IOException, InterruptedException {
        operatorWrites("");
        startBird();
        BirdStatus status = daemon.look(config(directory.resolve("nowhere/l4lb.conf")));
        assertThat(status.problem()).contains("announce.configFile", "nowhere/l4lb.conf cannot be written");
        assertThat(status.version()).startsWith("2.");
        assertThat(status.sessions().getFirst().state()).isEqualTo("not configured");
    }
}
