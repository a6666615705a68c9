package io.l4lb.fragment;

/**
 * Which parts of a datagram have come: ranges of 8-byte units in its record, in order and apart from each other, those that touch
 * merged. Static, worker thread.
 */
final class Ranges {
    /** It was not there, and is now. */
    static final int NEW = 0;
    /** All of it was there. */
    static final int KNOWN = 1;
    /** Some of it was there. */
    static final int OVERLAP = 2;
    /** It was not there, and there is no room for one more range. */
    static final int TOO_MANY = 3;

    private Ranges() {}

    /** Adds the units from {@code begin} up to, but not with, {@code end}, one or more; {@return what became of it} */
    static int add(long record, int begin, int end) {
        int count = DatagramDescriptor.rangeCount(record);
        int i = 0;
        while (i < count && DatagramDescriptor.end(record, i) < begin) {
            i++;
        }
        if (i == count) {
            return insert(record, i, count, begin, end);
        }
        int nextBegin = DatagramDescriptor.begin(record, i);
        int nextEnd = DatagramDescriptor.end(record, i);
        if (nextEnd == begin) {
            return extend(record, i, count, end);
        }
        if (end < nextBegin) {
            return insert(record, i, count, begin, end);
        }
        if (end == nextBegin) {
            DatagramDescriptor.range(record, i, begin, nextEnd);
            return NEW;
        }
        return nextBegin <= begin && end <= nextEnd ? KNOWN : OVERLAP;
    }

    /** {@return the unit behind the last that has come} */
    static int end(long record) {
        int count = DatagramDescriptor.rangeCount(record);
        return count == 0 ? 0 : DatagramDescriptor.end(record, count - 1);
    }

    /** {@return whether all units before that one have come} */
    static boolean isWhole(long record, int end) {
        return DatagramDescriptor.rangeCount(record) == 1
                && DatagramDescriptor.begin(record, 0) == 0
                && DatagramDescriptor.end(record, 0) == end;
    }

    private static int insert(long record, int at, int count, int begin, int end) {
        if (count == DatagramDescriptor.RANGES_MAX) {
            return TOO_MANY;
        }
        for (int i = count; i > at; i--) {
            DatagramDescriptor.range(
                    record, i, DatagramDescriptor.begin(record, i - 1), DatagramDescriptor.end(record, i - 1));
        }
        DatagramDescriptor.range(record, at, begin, end);
        DatagramDescriptor.rangeCount(record, count + 1);
        return NEW;
    }

    /** Lets a range end later: it may then touch the one behind it, or reach into it. */
    private static int extend(long record, int at, int count, int end) {
        int begin = DatagramDescriptor.begin(record, at);
        int behind = at + 1;
        if (behind == count || end < DatagramDescriptor.begin(record, behind)) {
            DatagramDescriptor.range(record, at, begin, end);
            return NEW;
        }
        if (end > DatagramDescriptor.begin(record, behind)) {
            return OVERLAP;
        }
        DatagramDescriptor.range(record, at, begin, DatagramDescriptor.end(record, behind));
        for (int i = behind; i < count - 1; i++) {
            DatagramDescriptor.range(
                    record, i, DatagramDescriptor.begin(record, i + 1), DatagramDescriptor.end(record, i + 1));
        }
        DatagramDescriptor.rangeCount(record, count - 1);
        return NEW;
    }
}
