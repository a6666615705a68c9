package io.l4lb.bench.measure;

import io.l4lb.bench.shape.Shape;

/**
 * The tables of a cell.
 *
 * @param bucketBits the flow table of a worker has 2^bucketBits times four entries
 */
public record Tables(int vips, int backends, int bucketBits) {
    private static final int BUCKET_BITS_MIN = 20;

    public Tables {
        if (vips < 1 || backends < 1) {
            throw new IllegalArgumentException(
                    "%,d VIPs, %,d backends: expected 1 or more of each".formatted(vips, backends));
        }
    }

    /** {@return tables with a flow table that so many flows do not overfill, of at least four million entries} */
    public static Tables forFlows(int vips, int backends, int flows) {
        return new Tables(vips, backends, Shape.bucketBits(flows, BUCKET_BITS_MIN));
    }

    /** {@return how many flows fill the flow table to so many percent} */
    public int flowsAt(int percent) {
        return (int) (((long) Shape.ENTRIES_PER_BUCKET << bucketBits) * percent / 100);
    }
}
