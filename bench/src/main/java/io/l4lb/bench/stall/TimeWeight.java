package io.l4lb.bench.stall;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * A histogram of gaps seen by time in place of by pass: what a packet meets that may come at any moment. A gap of 1 ms among
 * a million passes of 1 us is one pass in a million, but one packet in a thousand comes while it lasts.
 */
final class TimeWeight {
    /** A ring of 4,096 descriptors at 14.88 Mpps (64-byte frames at 10 Gbit/s). */
    static final long RING_NS = 275_000;

    private final Histogram gaps;
    private final double totalNs;

    TimeWeight(Histogram gaps) {
        this.gaps = gaps;
        double sum = 0;
        for (HistogramIterationValue value : gaps.recordedValues()) {
            sum += (double) value.getValueIteratedTo() * value.getCountAtValueIteratedTo();
        }
        totalNs = sum;
    }

    /** {@return the gap than which none is longer in that share of the time} */
    long gapNsAt(double share) {
        double sum = 0;
        for (HistogramIterationValue value : gaps.recordedValues()) {
            sum += (double) value.getValueIteratedTo() * value.getCountAtValueIteratedTo();
            if (sum >= share * totalNs) {
                return value.getValueIteratedTo();
            }
        }
        return gaps.getMaxValue();
    }

    /** {@return the share of the time that lies in gaps longer than the ring} */
    double shareInLongGaps() {
        return beyond(0);
    }

    /** {@return the share of packets at that rate for which such a ring has no room} */
    double shareLost() {
        return beyond(RING_NS);
    }

    private double beyond(long heldNs) {
        double sum = 0;
        for (HistogramIterationValue value : gaps.recordedValues()) {
            if (value.getValueIteratedTo() > RING_NS) {
                sum += (double) (value.getValueIteratedTo() - heldNs) * value.getCountAtValueIteratedTo();
            }
        }
        return sum / totalNs;
    }
}
