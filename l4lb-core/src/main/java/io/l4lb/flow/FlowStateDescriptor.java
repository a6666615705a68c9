package io.l4lb.flow;

/**
 * The last 8 bytes of a flow entry of either family: all that is known of a flow but its key; one 64-bit word, machine
 * byte order. A word of 0 is a free entry.
 *
 * <pre>
 * bit 63..48  VIP number    1..65535
 *     47..28  destination   index of the destination, 20 bits
 *     27..24  code          UDP flag (8) and state, see below
 *     23..0   last seen     in ticks of 2^28 ns = 0.268 s, modulo 2^24 (52 days)
 *
 * state, in the order of worth: when a table is full the lowest goes, of equals the one not seen for longest; from ESTABLISHED
 * on a flow is proven, and goes for no other
 *   1  HALF_OPEN    only SYNs so far
 *   2  UNPROVEN     one packet of a flow whose beginning was not seen, or of UDP
 *   3  CLOSING      the client sent FIN or RST (it may still be downloading: FIN closes one direction only)
 *   4  ESTABLISHED  a second packet came
 *   5  REOPENED     a SYN on an established flow: perhaps a new connection on the old one's ports. Never leaves the worker
 * </pre>
 *
 * <p>Only the client's packets pass here (DSR), so this is what can be known of RFC 9293's states. Static, hot.
 */
public final class FlowStateDescriptor {
    public static final int HALF_OPEN = 1;
    public static final int UNPROVEN = 2;
    public static final int CLOSING = 3;
    public static final int ESTABLISHED = 4;
    public static final int REOPENED = 5;
    public static final int UDP = 8;
    public static final int CODES = 16;

    /** 2^28 ns a tick: fine enough for seconds, and 24 bits of it outlast any idle time sevenfold. */
    public static final int TICK_SHIFT = 28;

    public static final int VIP_SHIFT = 48;
    private static final int DESTINATION_SHIFT = 28;
    private static final int DESTINATION_MASK = (1 << 20) - 1;
    private static final int CODE_SHIFT = 24;
    private static final int CODE_MASK = CODES - 1;
    private static final int STATE_MASK = 7;
    private static final int TICK_MASK = (1 << 24) - 1;
    /** The least worth of an entry that is not free. */
    public static final int WORTH_OF_LIVE = HALF_OPEN << CODE_SHIFT;

    public static final int WORTH_BITS = 27;
    /** Code and tick: what changes when a packet of the flow comes. */
    private static final long LIFE_MASK = (1L << DESTINATION_SHIFT) - 1;

    /** State and tick, of TCP and UDP alike. */
    private static final int SETTLED_MASK = (STATE_MASK << CODE_SHIFT) | TICK_MASK;

    private static final int EVENT_SHIFT = 2;
    private static final byte[] NEXT_CODE = nextCodes();
    /** Code of a flow's first packet: by event, TCP then UDP. */
    private static final byte[] FIRST_CODE = {
        UNPROVEN, HALF_OPEN, CLOSING, 0, UDP | UNPROVEN, UDP | UNPROVEN, UDP | UNPROVEN, 0
    };

    private FlowStateDescriptor() {}

    private static byte[] nextCodes() {
        byte[] next = new byte[CODES << EVENT_SHIFT];
        for (int state = HALF_OPEN; state <= REOPENED; state++) {
            int data = state == CLOSING ? CLOSING : ESTABLISHED;
            next[(state << EVENT_SHIFT) | FlowEvent.DATA] = (byte) data;
            next[(state << EVENT_SHIFT) | FlowEvent.OPEN] = (byte) afterOpen(state);
            next[(state << EVENT_SHIFT) | FlowEvent.CLOSE] = CLOSING;
            next[((UDP | state) << EVENT_SHIFT) | FlowEvent.DATA] = UDP | ESTABLISHED;
        }
        return next;
    }

    /** A SYN proves nothing: it may be repeated, or the first of a new connection on an old flow's ports. */
    private static int afterOpen(int state) {
        return switch (state) {
            case UNPROVEN -> HALF_OPEN;
            case ESTABLISHED -> REOPENED;
            default -> state;
        };
    }

    /** {@return the word of a flow's first packet} */
    public static long first(int vip, int destination, boolean udp, int event, int tick) {
        long code = FIRST_CODE[(udp ? 1 << EVENT_SHIFT : 0) | event];
        return ((long) vip << VIP_SHIFT) | ((long) destination << DESTINATION_SHIFT) | (code << CODE_SHIFT) | tick;
    }

    /** {@return the word of those parts; of {@code tick} the low 24 bits} */
    public static long word(int vip, int destination, int code, int tick) {
        return ((long) vip << VIP_SHIFT)
                | ((long) destination << DESTINATION_SHIFT)
                | ((long) code << CODE_SHIFT)
                | (tick & TICK_MASK);
    }

    /** {@return the same word with that code} */
    public static long withCode(long word, int code) {
        return (word & ~((long) CODE_MASK << CODE_SHIFT)) | ((long) code << CODE_SHIFT);
    }

    /** {@return the first word, last seen when the other was} */
    public static long seen(long word, long other) {
        return (word & ~(long) TICK_MASK) | (other & TICK_MASK);
    }

    /** {@return of two codes of one flow the one that it comes to later}: a flow that has closed does not open again */
    public static int furtherCode(int code, int other) {
        int state = code & STATE_MASK;
        int otherState = other & STATE_MASK;
        return state == CLOSING || (otherState != CLOSING && state > otherState) ? code : other;
    }

    /** {@return the word after one more packet with that event} */
    public static long next(long word, int event, int tick) {
        long code = NEXT_CODE[(code(word) << EVENT_SHIFT) | event];
        return (word & ~LIFE_MASK) | (code << CODE_SHIFT) | tick;
    }

    /** {@return whether {@link #next} would change nothing: established, more data, already seen in this tick} */
    public static boolean isSettled(long word, int event, int tick) {
        return event == FlowEvent.DATA && ((int) word & SETTLED_MASK) == ((ESTABLISHED << CODE_SHIFT) | tick);
    }

    /** {@return the same word pinned to another destination} */
    public static long repinned(long word, int destination) {
        return (word & ~((long) DESTINATION_MASK << DESTINATION_SHIFT)) | ((long) destination << DESTINATION_SHIFT);
    }

    public static int vip(long word) {
        return (int) (word >>> VIP_SHIFT);
    }

    public static int destination(long word) {
        return (int) (word >>> DESTINATION_SHIFT) & DESTINATION_MASK;
    }

    public static int code(long word) {
        return (int) (word >>> CODE_SHIFT) & CODE_MASK;
    }

    public static int state(long word) {
        return code(word) & STATE_MASK;
    }

    /** {@return the state in words, for people} */
    public static String label(long word) {
        return switch (state(word)) {
            case HALF_OPEN -> "half-open";
            case UNPROVEN -> "unproven";
            case CLOSING -> "closing";
            case ESTABLISHED -> "established";
            case REOPENED -> "reopened";
            default -> "free";
        };
    }

    /** {@return the tick that holds that time} */
    public static int tick(long nowNs) {
        return (int) (nowNs >>> TICK_SHIFT) & TICK_MASK;
    }

    /** {@return that number of ticks as a tick, modulo 2^24} */
    public static int tick(int ticks) {
        return ticks & TICK_MASK;
    }

    /** {@return that many ticks as seconds} */
    public static double seconds(int ticks) {
        return ticks * (double) (1L << TICK_SHIFT) / 1e9;
    }

    /** {@return that many seconds as ticks, rounded down, at most half of what a tick can count} */
    public static int ticks(int seconds) {
        return (int) Math.min(TICK_MASK >> 1, (seconds * 1_000_000_000L) >> TICK_SHIFT);
    }

    /** {@return how many ticks before {@code tick} the flow was last seen} */
    public static int age(long word, int tick) {
        return (tick - (int) word) & TICK_MASK;
    }

    /**
     * {@return what an entry is worth when one has to go, of {@value #WORTH_BITS} bits: the state, then how lately the flow was
     * seen} Lower than {@link #WORTH_OF_LIVE} for a free entry, and only for that.
     */
    public static int worth(long word, int tick) {
        return ((int) word & STATE_MASK << CODE_SHIFT) | (freshness(word, tick) & TICK_MASK);
    }

    /** {@return 2^24 - 1 in the low 24 bits for a flow seen in this tick, one less for each tick before} */
    private static int freshness(long word, int tick) {
        return (int) word - (tick + 1);
    }

    /** {@return bits that {@link #areYoung} tests, ANDed over several flows} */
    public static int youth(long word, int tick) {
        return freshness(word, tick);
    }

    /** {@return whether all flows were seen less than {@code ticks} ago, a power of two} */
    public static boolean areYoung(int youth, int ticks) {
        return ((youth | (ticks - 1)) & TICK_MASK) == TICK_MASK;
    }

    /** {@return whether a flow of that worth is proven}: nothing takes its place while it lives */
    public static boolean isProven(int worth) {
        return worth >>> CODE_SHIFT >= ESTABLISHED;
    }
}
