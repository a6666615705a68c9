package io.l4lb.announce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReturnPauseTest {
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ReturnPause pause = new ReturnPause(1, 60);
    private long nowNs = -TimeUnit.SECONDS.toNanos(30);

    @Test
    void theFirstTimeNothingIsWaitedFor() {
        assertThat(pause.update(false, false, nowNs)).isFalse();
        assertThat(pause.update(true, false, nowNs)).isTrue();
    }

    @Test
    void theSecondTimeAllHasToHaveBeenWellForASecond() {
        pause.update(true, false, nowNs);
        assertThat(pause.update(false, false, nowNs)).isFalse();
        assertThat(secondsToReturn()).isEqualTo(1);
        pause.update(false, false, nowNs);
        pause.update(true, false, nowNs);
        nowNs += TimeUnit.SECONDS.toNanos(1);
        assertThat(pause.leftNs(nowNs)).isEqualTo(TimeUnit.SECONDS.toNanos(1));
        assertThat(pause.update(false, false, nowNs)).as("not well in between").isFalse();
        assertThat(secondsToReturn()).isEqualTo(2);
    }

    @Test
    void whoFlapsWaitsTwiceAsLongEachTimeUpToTheBound() {
        pause.update(true, false, nowNs);
        List<Double> pauses = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            pause.update(false, false, nowNs);
            pauses.add(secondsToReturn());
        }
        assertThat(pauses).containsExactly(1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0);
    }

    @Test
    void whoStaysAnnouncedForTheBoundIsForgiven() {
        pause.update(true, false, nowNs);
        for (int i = 0; i < 4; i++) {
            pause.update(false, false, nowNs);
            secondsToReturn();
        }
        nowNs += TimeUnit.SECONDS.toNanos(60);
        pause.update(false, false, nowNs);
        assertThat(secondsToReturn()).isEqualTo(1);
    }

    @Test
    void whatAnOperatorOrderedIsUndoneAtOnce() {
        pause.update(true, false, nowNs);
        assertThat(pause.update(false, true, nowNs)).isFalse();
        assertThat(pause.update(true, false, nowNs)).isTrue();
    }

    private double secondsToReturn() {
        long startNs = nowNs;
        while (!pause.update(true, false, nowNs)) {
            nowNs += STEP_NS;
        }
        return (nowNs - startNs) / 1e9;
    }
}
