package io.l4lb.health.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;

/** Which time counts, on a clock moved by hand. */
class DeadlineTest {
    private static final long MS = 1_000_000;
    private static final int TIMEOUT_MS = 500;

    private long nowNs = 77;
    private long lateNs;
    private int looks;
    private final Deadline deadline = new Deadline(TIMEOUT_MS, () -> nowNs, wakeNs -> nowNs = wakeNs + lateNs);

    /** Looks until the time is over; {@return how long that took, ms} */
    private long untilOver() {
        long beganNs = nowNs;
        assertThatThrownBy(() -> {
                    while (true) {
                        deadline.pause(beganNs);
                        looks++;
                    }
                })
                .isInstanceOf(SocketTimeoutException.class);
        return (nowNs - beganNs) / MS;
    }

    @Test
    void aNodeThatLooksInTimeWaitsForTheTimeOut() {
        lateNs = 5 * MS; // a tick
        assertThat(untilOver()).isBetween(500L, 505L);
        assertThat(looks).isBetween(12, 30);
    }

    @Test
    void whatTheNodeWasWokenTooLateIsAdded() throws SocketTimeoutException {
        long beganNs = nowNs;
        deadline.pause(beganNs);
        lateNs = 700 * MS;
        deadline.pause(beganNs);
        lateNs = 0;
        assertThat(deadline.leftMs()).isBetween(480, 510);
        assertThat((nowNs - beganNs) / MS + untilOver()).isBetween(1190L, 1210L);
    }

    @Test
    void whatTheNodeWasKeptFromItsCpuBetweenTwoLooksIsAdded() throws SocketTimeoutException {
        nowNs += 600 * MS;
        deadline.check();
        assertThat(deadline.leftMs()).isBetween(480, 510);
    }

    @Test
    void aNodeThatIsAlwaysLateGivesUpAfterFourTimes() {
        lateNs = 400 * MS;
        assertThat(untilOver()).isBetween(2000L, 2450L);
    }

    @Test
    void anHourOfStandingStillEndsTheTry() {
        nowNs += 3_600_000 * MS;
        assertThatThrownBy(deadline::check).isInstanceOf(SocketTimeoutException.class);
    }
}
