package io.l4lb.flow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Idle times by VIP, for the worker's own flows and for replicas. */
class FlowTimeoutsTest {
    private static final int TCP = FlowStateDescriptor.ESTABLISHED;
    private static final int UDP = FlowStateDescriptor.UDP | FlowStateDescriptor.ESTABLISHED;
    private static final FlowTimeouts TIMEOUTS = new FlowTimeouts(900, 60).withIdle(0, 0, 10, 0, 3600);

    private static double secondsOf(FlowTimeouts timeouts, int vip, int code) {
        long word = FlowStateDescriptor.word(vip, 1, code, 0);
        int ticks = 0;
        while (!timeouts.isExpired(word, ticks)) {
            ticks++;
        }
        return FlowStateDescriptor.seconds(ticks);
    }

    /** VIP 5 and those behind it have come since: peers give the replica table numbers at any time. */
    @ParameterizedTest
    @CsvSource({"1, 900, 60", "2, 10, 10", "3, 900, 60", "4, 3600, 3600", "5, 900, 60", "65535, 900, 60"})
    void aVipHasItsOwnIdleTimeOrTheTables(int vip, int tcpSeconds, int udpSeconds) {
        assertThat(secondsOf(TIMEOUTS, vip, TCP)).isBetween((double) tcpSeconds, tcpSeconds + 1.0);
        assertThat(secondsOf(TIMEOUTS, vip, UDP)).isBetween((double) udpSeconds, udpSeconds + 1.0);
        assertThat(secondsOf(TIMEOUTS, vip, FlowStateDescriptor.HALF_OPEN))
                .isBetween(Math.min(75.0, tcpSeconds), Math.min(75.0, tcpSeconds) + 1);
    }

    /** Refreshes come every 68 s for TCP, also where the VIP's own idle time is 10 s. */
    @ParameterizedTest
    @CsvSource({"1, 900", "2, 10", "4, 3600", "77, 900"})
    void replicasOutlastTwoRefreshes(int vip, int tcpSeconds) {
        double refreshSeconds = FlowStateDescriptor.seconds(1 << TIMEOUTS.refreshShift(TCP));
        assertThat(secondsOf(TIMEOUTS.ofReplicas(), vip, TCP))
                .isBetween(tcpSeconds + 2 * refreshSeconds, tcpSeconds + 2 * refreshSeconds + 1);
        assertThat(secondsOf(new FlowTimeouts(900, 60).ofReplicas().withIdle(0, 0, 10, 0, 3600), vip, TCP))
                .isEqualTo(secondsOf(TIMEOUTS.ofReplicas(), vip, TCP));
    }

    @Test
    void whatIsYoungIsSoForTheShortestIdleTimeOfAll() {
        assertThat(FlowStateDescriptor.seconds(TIMEOUTS.youngTicks())).isBetween(4.0, 10.0);
        assertThat(FlowStateDescriptor.seconds(new FlowTimeouts(900, 60).youngTicks()))
                .isBetween(30.0, 60.0);
    }
}
