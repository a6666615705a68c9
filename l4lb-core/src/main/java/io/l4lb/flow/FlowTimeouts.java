package io.l4lb.flow;

import java.util.Arrays;

/**
 * How long a flow may be idle, in ticks by VIP and flow code; half a tick is lost to rounding, so one is added. Immutable.
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

    private static final int VIP_SHIFT = Integer.numberOfTrailingZeros(FlowStateDescriptor.CODES);

    /** A row of codes a VIP number, row 0 for all that have no row. */
    private final int[] ticks;
    /** What is added to each code's ticks. */
    private final int[] more = new int[FlowStateDescriptor.CODES];
    /** Set once, before anybody else has this object: workers ask for it, and must not look through all ticks. */
    private int youngTicks;

    /** Idle times of the configuration, seconds, at least 1. */
    public FlowTimeouts(int tcpIdleSeconds, int udpIdleSeconds) {
        ticks = new int[FlowStateDescriptor.CODES];
        putTcp(0, tcpIdleSeconds);
        putUdp(0, udpIdleSeconds);
        youngTicks = youngTicks(ticks);
    }

    private FlowTimeouts(FlowTimeouts of, int rows, int... moreByCode) {
        ticks = new int[rows << VIP_SHIFT];
        System.arraycopy(moreByCode, 0, more, 0, more.length);
        for (int i = 0; i < ticks.length; i++) {
            int code = i & (FlowStateDescriptor.CODES - 1);
            int plain = of.ticks[i < of.ticks.length ? i : code];
            ticks[i] = plain == 0 ? 0 : plain - of.more[code] + more[code];
        }
        youngTicks = youngTicks(ticks);
    }

    private void putTcp(int row, int idleSeconds) {
        put(row, FlowStateDescriptor.HALF_OPEN, Math.min(idleSeconds, HALF_OPEN_SECONDS_MAX));
        put(row, FlowStateDescriptor.UNPROVEN, idleSeconds);
        put(row, FlowStateDescriptor.CLOSING, Math.min(idleSeconds, CLOSING_SECONDS_MAX));
        put(row, FlowStateDescriptor.ESTABLISHED, idleSeconds);
        put(row, FlowStateDescriptor.REOPENED, idleSeconds);
    }

    private void putUdp(int row, int idleSeconds) {
        put(row, FlowStateDescriptor.UDP | FlowStateDescriptor.UNPROVEN, idleSeconds);
        put(row, FlowStateDescriptor.UDP | FlowStateDescriptor.ESTABLISHED, idleSeconds);
    }

    private void put(int row, int code, int idleSeconds) {
        ticks[(row << VIP_SHIFT) | code] = toTicks(idleSeconds) + more[code];
    }

    /** {@return these, but for VIPs with an idle time of their own} Seconds by VIP number; 0: none of its own. */
    public FlowTimeouts withIdle(int... secondsByVip) {
        FlowTimeouts next = new FlowTimeouts(this, Math.max(1, secondsByVip.length), more);
        for (int vip = 1; vip < secondsByVip.length; vip++) {
            if (secondsByVip[vip] != 0) {
                next.putTcp(vip, secondsByVip[vip]);
                next.putUdp(vip, secondsByVip[vip]);
            }
        }
        next.youngTicks = youngTicks(next.ticks);
        return next;
    }

    /** {@return the idle times of replicas, which hear of a flow only by its refreshes} */
    public FlowTimeouts ofReplicas() {
        int[] late = new int[FlowStateDescriptor.CODES];
        for (int code = 0; code < late.length; code++) {
            // a replica learns of a packet one refresh interval late, and a refresh may be lost
            late[code] = 2 << refreshShift(code);
        }
        return new FlowTimeouts(this, ticks.length >> VIP_SHIFT, late);
    }

    /**
     * {@return how often a flow of that code that goes on is told to the peers: every 2 to that power ticks, within an eighth
     * of the idle time of VIPs that have none of their own, at most {@value #REFRESH_TICKS_MAX}}
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
        return youngTicks;
    }

    private static int youngTicks(int... ticks) {
        return Integer.highestOneBit(
                Arrays.stream(ticks).filter(each -> each > 0).min().orElseThrow());
    }

    /** {@return whether the flow of that word has been idle for too long} */
    public boolean isExpired(long word, int tick) {
        int index = (FlowStateDescriptor.vip(word) << VIP_SHIFT) | FlowStateDescriptor.code(word);
        return FlowStateDescriptor.age(word, tick)
                > ticks[index < ticks.length ? index : FlowStateDescriptor.code(word)];
    }
}
