package io.l4lb.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.demo.DemoReport.BackendRow;
import io.l4lb.demo.DemoReport.EventRow;
import io.l4lb.demo.DemoReport.Removal;
import io.l4lb.demo.DemoReport.Survival;
import io.l4lb.demo.DemoReport.VipRow;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DemoReportTest {
    private static final Removal CLEAN = new Removal("backend2", 5, 5, 10, 0, 20, 0);

    @Test
    void failedRequestFailsTheDemo() {
        assertThat(report(0, CLEAN).ok()).isTrue();
        assertThat(report(1, CLEAN).ok()).isFalse();
    }

    @Test
    void requestThatReachesTheRemovedBackendFailsTheDemo() {
        assertThat(report(0, new Removal("backend2", 5, 5, 10, 0, 20, 1)).ok()).isFalse();
    }

    @Test
    void documentHasEveryPart() {
        assertThat(report(0, CLEAN).toMap())
                .containsOnlyKeys(
                        "ok", "vips", "nodes", "connections", "removal", "backendEvents", "events", "survival");
    }

    @Test
    void downloadOfAnotherBackendThatFailsFailsTheDemo() {
        assertThat(report(0, CLEAN, 1).ok()).isFalse();
    }

    @Test
    void connectionThatBreaksFailsTheDemo() {
        assertThat(report(0, CLEAN, 0, 1).ok()).isFalse();
    }

    private static DemoReport report(int failed, Removal removal) {
        return report(failed, removal, 0);
    }

    private static DemoReport report(int failed, Removal removal, int othersFailed) {
        return report(failed, removal, othersFailed, 0);
    }

    private static DemoReport report(int failed, Removal removal, int othersFailed, int broken) {
        VipRow row = new VipRow("l2-4", "http://203.0.113.7/", 24, 24 - failed, failed, 1.5, 3.0, 3);
        return new DemoReport(
                List.of(row),
                Map.of(),
                Map.of("backend1", 24L),
                removal,
                List.of(new BackendRow("backend1 nginx killed", 1400, 900, 14, 14, 28, othersFailed, 150, 9)),
                List.of(new EventRow("node1 killed", 20, 42, 0)),
                new Survival(300, broken));
    }
}
