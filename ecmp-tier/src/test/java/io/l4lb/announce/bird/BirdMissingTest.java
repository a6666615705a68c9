package io.l4lb.announce.bird;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.announce.AnnounceConfig;
import io.l4lb.config.announce.BirdConfig;
import io.l4lb.config.announce.BirdConfig.NeighbourConfig;
import io.l4lb.net.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** BIRD that is not installed, or too old, and then is as it should be; scripts stand for its programs. */
class BirdMissingTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String ANSWERS = """
            #!/bin/sh
            case "$*" in
              *"show status") echo "BIRD VERSION ready."; echo "BIRD VERSION" ;;
              *"show protocols") echo "l4lb_lb_1_1 BGP --- up 2026-11-21 Established" ;;
              *configure) echo Reconfigured ;;
            esac
            """;

    @TempDir
    private Path directory;

    private Path programs;
    private BirdDaemon daemon;

    @BeforeEach
    void start() throws IOException {
        programs = Files.createDirectory(directory.resolve("programs"));
        BirdConfig told = new BirdConfig(
                directory.resolve("l4lb.conf"),
                directory.resolve("bird.ctl"),
                64512,
                IpAddress.parse("10.0.0.1"),
                Optional.empty(),
                50,
                3,
                List.of(new NeighbourConfig(IpAddress.parse("10.0.0.2").orElseThrow(), 64500, true)));
        daemon = new BirdDaemon(
                "lb-1", new AnnounceConfig("l4lb-x", 198, 1, 1, 60, 5, 50, Optional.of(told)), programs.toString());
    }

    @AfterEach
    void end() {
        daemon.close();
    }

    /** In one step, or it might be run half written. */
    private void install(String program, String text) throws IOException {
        Path next = Files.writeString(directory.resolve("next"), text);
        assertThat(next.toFile().setExecutable(true)).isTrue();
        Files.move(next, programs.resolve(program));
    }

    private void install(String version) throws IOException {
        Files.deleteIfExists(programs.resolve("birdc"));
        install("birdc", ANSWERS.replace("VERSION", version));
    }

    private BirdStatus awaitProblem(String words) throws InterruptedException {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (words.isEmpty()
                ? !daemon.status().problem().isEmpty()
                : !daemon.status().problem().startsWith(words)) {
            assertThat(System.nanoTime() - deadlineNs)
                    .as("%s, not \"%s\"", daemon.status(), words)
                    .isNegative();
            Thread.sleep(20);
        }
        return daemon.status();
    }

    @Test
    void whatIsWrongIsSaidAndTriedAgainUntilItIsRight() throws IOException, InterruptedException {
        daemon.start();
        BirdStatus missing = awaitProblem("BIRD cannot be asked: ");
        assertThat(missing.problem()).contains("there is no program birdc", "is bird2 installed?");
        assertThat(missing.version()).isEmpty();
        assertThat(missing.sessions())
                .singleElement()
                .matches(each -> each.state().equals("unknown"));

        install("bird", "#!/bin/sh\nexit 0\n");
        install("1.6.8");
        BirdStatus old = awaitProblem("BIRD 1.6.8 is too old");
        assertThat(old.problem()).contains("2.0 or newer is needed");
        assertThat(old.version()).isEqualTo("1.6.8");
        assertThat(old.sessions()).singleElement().matches(each -> each.state().equals("unknown"));

        install("2.0.12");
        BirdStatus right = awaitProblem("");
        assertThat(right.version()).isEqualTo("2.0.12");
        assertThat(right.sessions()).singleElement().matches(BirdStatus.Session::established);
    }
}
