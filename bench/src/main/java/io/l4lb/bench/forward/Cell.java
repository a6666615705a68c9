package io.l4lb.bench.forward;

import io.l4lb.bench.contender.FlowCapture;
import io.l4lb.bench.shape.Mode;
import io.l4lb.bench.shape.Shape;
import io.l4lb.net.Encapsulation;

/** One thing that is measured, by all contenders. */
record Cell(
        Mode mode,
        boolean ipv6,
        Encapsulation encapsulation,
        int flows,
        int workers,
        int frameBytes,
        int vips,
        int backends) {
    private static final int HEADROOM_BYTES = 128;
    private static final int ROOM_MIN_BYTES = 128;
    private static final int LINE_BYTES = 64;
    /** Beyond the packets of the files: bursts on their way and what the pools' caches hold. */
    private static final int SPARE_MBUFS = 16_384;
    /** Header of a pool's object, struct rte_mbuf, and padding to a line. */
    private static final int MBUF_OVERHEAD_BYTES = 64 + 128 + 64;

    private static final int BUCKET_BITS_MIN = 20;
    private static final int BUCKET_BYTES_MAX = 128;
    /** EAL, rings, Maglev tables, and what allocation in pieces of 2 MiB leaves unused. */
    private static final int OTHER_MEGABYTES = 96;

    Shape shape() {
        return new Shape(
                mode,
                ipv6,
                encapsulation,
                Shape.bucketBits(flows, BUCKET_BITS_MIN),
                vips,
                backends,
                workers,
                flows * workers + SPARE_MBUFS,
                dataRoomBytes());
    }

    private int dataRoomBytes() {
        int lines = (FlowCapture.frameBytes(ipv6, frameBytes) + LINE_BYTES - 1) / LINE_BYTES;
        return HEADROOM_BYTES + Math.max(ROOM_MIN_BYTES, lines * LINE_BYTES);
    }

    /** {@return what one contender needs of DPDK's memory} */
    int memoryMegabytes() {
        Shape shape = shape();
        long mbufBytes = (long) shape.mbufs() * (shape.dataRoomBytes() + MBUF_OVERHEAD_BYTES);
        long tableBytes = ((long) BUCKET_BYTES_MAX << shape.bucketBits()) * workers;
        return (int) ((mbufBytes + tableBytes) >> 20) + OTHER_MEGABYTES;
    }

    String family() {
        return ipv6 ? "ipv6" : "ipv4";
    }

    @Override
    public String toString() {
        return "%s %s/%s, %,d flows%s"
                .formatted(
                        mode, family(), encapsulation.label(), flows, workers == 1 ? "" : ", " + workers + " workers");
    }
}
