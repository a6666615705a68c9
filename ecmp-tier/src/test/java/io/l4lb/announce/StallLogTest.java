package io.l4lb.announce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StallLogTest {
    private final List<String> log = new ArrayList<>();
    private long nowNs;
    private final StallLog stalls =
            new StallLog(() -> nowNs, words -> log.add("ERROR " + words), words -> log.add("WARN " + words));

    private void stallAndGoOn(int milliseconds) {
        stalls.stalled("worker 0 stands still");
        nowNs += TimeUnit.MILLISECONDS.toNanos(milliseconds / 2);
        stalls.moving();
        nowNs += TimeUnit.MILLISECONDS.toNanos(milliseconds / 2);
    }

    @Test
    void aStallAndItsEndAreSaidAtOnce() {
        stallAndGoOn(200);
        stalls.moving();
        assertThat(log)
                .containsExactly("ERROR worker 0 stands still; all VIPs are withdrawn", "WARN all workers go on");
    }

    @Test
    void manyInARowAreSaidOnceAMinuteWithTheirNumber() {
        for (int i = 0; i < 120; i++) {
            stallAndGoOn(1000);
        }
        assertThat(log)
                .containsExactly(
                        "ERROR worker 0 stands still; all VIPs are withdrawn",
                        "WARN all workers go on",
                        "ERROR worker 0 stands still; all VIPs are withdrawn (and 59 more since this was last logged)",
                        "WARN all workers go on");
    }
}
