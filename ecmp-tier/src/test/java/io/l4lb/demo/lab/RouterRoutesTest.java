package io.l4lb.demo.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ip monitor} has printed, without a router. */
class RouterRoutesTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String BOTH =
            "[2026-11-21T09:17:19.000000] 203.0.113.1 proto bird metric 32 nexthop via 10.98.1.11 dev r0 weight 1"
                    + " nexthop via 10.98.1.12 dev r0 weight 1 \n";
    private static final String ONE =
            "[2026-11-21T09:17:20.250000] 203.0.113.1 via 10.98.1.11 dev r0 proto bird metric 32 \n";

    @TempDir
    private Path directory;

    private RouterRoutes routes(String printed) throws IOException {
        return new RouterRoutes(new LabProcesses(), Files.writeString(directory.resolve("routes"), printed), 1);
    }

    private static Instant at(String time) {
        return LocalDateTime.parse("2026-11-21T" + time)
                .atZone(ZoneId.systemDefault())
                .toInstant();
    }

    @Test
    void theTimeUntilANodeIsGoneIsTheMonitors() throws IOException, InterruptedException {
        RouterRoutes routes = routes(BOTH + ONE);
        assertThat(routes.untilGone(2, at("09:17:20"), LIMIT)).isEqualTo(Duration.ofMillis(250));
        routes.awaitUse(1, LIMIT);
    }

    @Test
    void aNodeThatWasNotUsedHasNoTime() throws IOException {
        RouterRoutes routes = routes(BOTH + ONE);
        assertThatThrownBy(() -> routes.untilGone(3, at("09:17:20"), LIMIT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("did not use node3");
        assertThatThrownBy(() -> routes.untilGone(2, at("09:17:21"), LIMIT))
                .as("gone before the event")
                .hasMessageContaining("did not use node2");
        assertThatThrownBy(() -> routes.awaitUse(2, Duration.ofMillis(50))).hasMessageContaining("does not use node2");
    }
}
