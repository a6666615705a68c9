package io.l4lb.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OwnFaultsTest {
    private final List<String> log = new ArrayList<>();
    private long nowNs;
    private final OwnFaults faults = new OwnFaults(() -> nowNs, log::add);

    @Test
    void aFaultThatHitsAllChecksIsOneLineAMinuteWithTheNumberOfTheOthers() {
        for (int i = 0; i < 2000; i++) {
            faults.add("b" + i, "cannot check from 10.0.0.9: Cannot assign requested address");
        }
        nowNs += TimeUnit.MINUTES.toNanos(1);
        faults.add("b7", "cannot check from 10.0.0.9: Cannot assign requested address");
        assertThat(log)
                .containsExactly(
                        "health check of b0 says nothing: cannot check from 10.0.0.9: Cannot assign requested address",
                        "health check of b7 says nothing: cannot check from 10.0.0.9: Cannot assign requested address"
                                + " (and 1999 more since this was last logged)");
    }

    @Test
    void oneFaultDoesNotHideAnotherAndThereAreNoMoreLinesThanKinds() {
        faults.add("a", "no free l4Port to check from");
        faults.add("a", "this machine has no IPv6");
        assertThat(log).hasSize(2);
        for (int i = 0; i < 1000; i++) {
            faults.add("a", "fault " + i);
        }
        assertThat(log).hasSizeLessThan(70);
    }
}
