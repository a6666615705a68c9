package io.l4lb.prefix;

import io.l4lb.net.IpAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Makes an {@link AccessTable} from prefixes: sorted, then swept once with a stack of those that enclose the place. Cold. */
public final class AccessTableBuilder {
    private static final int[] NOTHING_INDEXED = new int[AccessTable.INDEX_LENGTH];

    private final boolean allowByDefault;
    private final List<Range> ipv4 = new ArrayList<>();
    private final List<Range> ipv6 = new ArrayList<>();

    /** First and last address of a prefix; an IPv4 address lies in the highest 32 of the 128 bits, ones behind the last. */
    private record Range(long high, long low, long lastHigh, long lastLow, int length, boolean allow) {
        private static final Comparator<Range> OUTER_FIRST = (a, b) -> {
            int byHigh = Long.compareUnsigned(a.high, b.high);
            int byLow = byHigh != 0 ? byHigh : Long.compareUnsigned(a.low, b.low);
            return byLow != 0 ? byLow : Integer.compare(a.length, b.length);
        };

        boolean endsBefore(Range other) {
            int byHigh = Long.compareUnsigned(lastHigh, other.high);
            return byHigh < 0 || (byHigh == 0 && Long.compareUnsigned(lastLow, other.low) < 0);
        }
    }

    /** Boundaries as the sweep meets them: the verdict from each on. Of several at one address the last holds. */
    private static final class Boundaries {
        final long[] highs;
        final long[] lows;
        final boolean[] allow;
        int count;

        Boundaries(int countMax) {
            highs = new long[countMax];
            lows = new long[countMax];
            allow = new boolean[countMax];
        }

        void add(long high, long low, boolean allowed) {
            if (count > 0 && highs[count - 1] == high && lows[count - 1] == low) {
                count--;
            }
            boolean before = count > 0 && allow[count - 1];
            if (allowed != before) {
                highs[count] = high;
                lows[count] = low;
                allow[count++] = allowed;
            }
        }
    }

    /** @param allowByDefault what becomes of an address that no prefix holds */
    public AccessTableBuilder(boolean allowByDefault) {
        this.allowByDefault = allowByDefault;
    }

    /** Adds a prefix; of two that are the same the one added later holds. */
    public AccessTableBuilder add(IpAddress address, int length, boolean allow) {
        boolean isIpv6 = address.ipv6();
        long high = isIpv6 ? address.high() : address.low() << Integer.SIZE;
        long low = isIpv6 ? address.low() : 0;
        long hostHigh = length >= Long.SIZE ? 0 : -1L >>> length;
        long hostLow = length <= Long.SIZE ? -1L : length == 2 * Long.SIZE ? 0 : -1L >>> (length - Long.SIZE);
        (isIpv6 ? ipv6 : ipv4)
                .add(new Range(high & ~hostHigh, low & ~hostLow, high | hostHigh, low | hostLow, length, allow));
        return this;
    }

    public AccessTable build() {
        Boundaries of4 = sweep(ipv4);
        Boundaries of6 = sweep(ipv6);
        char[] ipv4Lows = new char[of4.count];
        for (int i = 0; i < of4.count; i++) {
            ipv4Lows[i] = (char) (of4.highs[i] >>> Integer.SIZE);
        }
        long[] ipv6Highs = new long[of6.count];
        long[] ipv6Lows = new long[of6.count];
        for (int i = 0; i < of6.count; i++) {
            ipv6Highs[i] = of6.highs[i] + Long.MIN_VALUE;
            ipv6Lows[i] = of6.lows[i] + Long.MIN_VALUE;
        }
        return new AccessTable(index(of4), ipv4Lows, index(of6), ipv6Highs, ipv6Lows);
    }

    private Boundaries sweep(List<Range> ranges) {
        List<Range> sorted = ranges.stream().sorted(Range.OUTER_FIRST).toList();
        Boundaries boundaries = new Boundaries(2 * sorted.size() + 1);
        boundaries.add(0, 0, allowByDefault);
        List<Range> open = new ArrayList<>();
        for (Range range : sorted) {
            while (!open.isEmpty() && open.getLast().endsBefore(range)) {
                close(open, boundaries);
            }
            open.addLast(range);
            boundaries.add(range.high, range.low, range.allow);
        }
        while (!open.isEmpty()) {
            close(open, boundaries);
        }
        return boundaries;
    }

    private void close(List<Range> open, Boundaries boundaries) {
        Range ended = open.removeLast();
        long low = ended.lastLow + 1;
        long high = low == 0 ? ended.lastHigh + 1 : ended.lastHigh;
        if (high != 0 || low != 0) { // else it was the last address of all
            boundaries.add(high, low, open.isEmpty() ? allowByDefault : open.getLast().allow);
        }
    }

    /** {@return for each value of the highest bits how many boundaries lie below them; at the end, how many there are} */
    private static int[] index(Boundaries boundaries) {
        if (boundaries.count == 0) {
            return NOTHING_INDEXED;
        }
        int[] index = new int[AccessTable.INDEX_LENGTH];
        for (int i = 0; i < boundaries.count; i++) {
            index[(int) (boundaries.highs[i] >>> (Long.SIZE - AccessTable.INDEX_BITS)) + 1]++;
        }
        for (int i = 1; i < index.length; i++) {
            index[i] += index[i - 1];
        }
        return index;
    }
}
