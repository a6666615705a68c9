package io.l4lb.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OnceAMinuteTest {
    private final List<String> log = new ArrayList<>();
    private long nowNs = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(30); // the clock may wrap
    private final OnceAMinute limit = new OnceAMinute(() -> nowNs);

    private void pass(int seconds) {
        nowNs += TimeUnit.SECONDS.toNanos(seconds);
    }

    @Test
    void aFaultThatLastsIsSaidAtOnceAndThenOnceAMinuteWithHowOftenItWasNot() {
        for (int second = 0; second < 150; second++) {
            limit.say("it is broken", log::add);
            pass(1);
        }
        assertThat(log)
                .containsExactly(
                        "it is broken",
                        "it is broken (and 59 more since this was last logged)",
                        "it is broken (and 59 more since this was last logged)");
    }

    @Test
    void itsEndIsSaidOnceAndTheNextFaultAtOnce() {
        limit.over("never was", log::add);
        limit.say("it is broken", log::add);
        limit.say("it is broken", log::add);
        limit.over("it works", log::add);
        limit.over("it works", log::add);
        limit.say("it is broken", log::add);
        assertThat(log).containsExactly("it is broken", "it works", "it is broken");
    }
}
