package io.l4lb.flow;

import java.util.Arrays;

/**
 * How long a flow may be idle, in ticks by flow code; half a tick is lost to rounding, so one is added. Immutable.
 *
 * <p>A half-open flow is kept for at most {@value #HALF_OPEN_SECONDS_MAX} s: clients give up a SYN after about 127 s, but
 * their last gap between two SYNs is 64 s (RFC 6298 doubling from 1 s). A closing one for at most
 * {@value #CLOSING_SECONDS_MAX} s without a packet: longer than the backend's FIN-WAIT-2 and LAST-ACK.
 */
public final class FlowTimeouts {
    public static final int HALF_OPEN_SECONDS_MAX = 75;
    public static final int CLOSING_SECONDS_MAX = 240;

    private static final int REFRESHES_AN_IDLE_TIME = 8;
    /** 68 s: ten million flows are then refreshed 150,000 times a second. */
    private static final int REFRESH_TICKS_MAX = 256;

    private static final double TICKS_PER_SECOND = 1e9 / (1 << FlowStateDescriptor.TICK_SHIFT);

    private final int[] ticks = new int[FlowStateDescriptor.CODES];

    /** Idle times of the configuration, seconds, at least 1. */
    public FlowTimeouts(int tcpIdleSeconds, int udpIdleSeconds) {
        ticks[FlowStateDescriptor.HALF_OPEN] = toTicks(Math.min(tcpIdleSeconds, HALF_OPEN_SECONDS_MAX));
        ticks[FlowStateDescriptor.UNPROVEN] = toTicks(tcpIdleSeconds);
        ticks[FlowStateDescriptor.CLOSING] = toTicks(Math.min(tcpIdleSeconds, CLOSING_SECONDS_MAX));
        ticks[FlowStateDescriptor.ESTABLISHED] = toTicks(tcpIdleSeconds);
        ticks[FlowStateDescriptor.REOPENED] = toTicks(tcpIdleSeconds);
        ticks[FlowStateDescriptor.UDP | FlowStateDescriptor.UNPROVEN] = toTicks(udpIdleSeconds);
        ticks[FlowStateDescriptor.UDP | FlowStateDescriptor.ESTABLISHED] = toTicks(udpIdleSeconds);
    }

    private FlowTimeouts(FlowTimeouts of) {
        for (int code = 0; code < ticks.length; code++) {
            // a replica learns of a packet one refresh interval late, and a refresh may be lost
            ticks[code] = of.ticks[code] == 0 ? 0 : of.ticks[code] + (2 << of.refreshShift(code));
        }
    }

    /** {@return the idle times of replicas, which hear of a flow only by its refreshes} */
    public FlowTimeouts ofReplicas() {
        return new FlowTimeouts(this);
    }

    /**
     * {@return how often a flow of that code that goes on is told to the peers: every 2 to that power ticks, within an eighth
     * of its idle time, at most {@value #REFRESH_TICKS_MAX}}
     */
    public int refreshShift(int code) {
        int eighth = Math.max(1, Math.min(REFRESH_TICKS_MAX, ticks[code] / REFRESHES_AN_IDLE_TIME));
        return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(eighth);
    }

    private static int toTicks(int seconds) {
        return (int) Math.ceil(seconds * TICKS_PER_SECOND) + 1;
    }

    /** {@return a power of two: no flow that was seen less than so many ticks ago has been idle for too long} */
    public int youngTicks() {
        return Integer.highestOneBit(
                Arrays.stream(ticks).filter(each -> each > 0).min().orElseThrow());
    }

    /** {@return whether the flow of that word has been idle for too long} */
    public boolean isExpired(long word, int tick) {
        return FlowStateDescriptor.age(word, tick) > ticks[FlowStateDescriptor.code(word)];
    }
}
