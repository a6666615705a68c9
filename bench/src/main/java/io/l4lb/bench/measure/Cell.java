package io.l4lb.bench.measure;

import io.l4lb.bench.contender.FlowCapture;
import io.l4lb.bench.contender.FlowPackets;
import io.l4lb.bench.shape.Mode;
import io.l4lb.bench.shape.Replicated;
import io.l4lb.bench.shape.Shape;
import io.l4lb.bench.shape.Source;
import io.l4lb.net.Encapsulation;

/** One thing that is measured, by all contenders. */
public record Cell(
        Mode mode,
        boolean ipv6,
        Encapsulation encapsulation,
        int workers,
        Traffic traffic,
        Tables tables,
        Replicated replicated) {
    private static final int HEADROOM_BYTES = 128;
    private static final int ROOM_MIN_BYTES = 128;
    private static final int LINE_BYTES = 64;
    /** Beyond the packets of the files: bursts on their way and what the pools' caches hold. */
    private static final int SPARE_MBUFS = 16_384;
    /** Header of a pool's object, struct rte_mbuf, and padding to a line. */
    private static final int MBUF_OVERHEAD_BYTES = 64 + 128 + 64;

    private static final int IPV4_ENTRY_BYTES = 16;
    private static final int IPV6_ENTRY_BYTES = 32;
    /** A backend's template and counters, and its slots of the Maglev table. */
    private static final int BACKEND_BYTES = 1024;
    /** EAL, rings, the default Maglev table, and what allocation in pieces of 2 MiB leaves unused. */
    private static final int OTHER_MEGABYTES = 96;

    public Cell {
        // neither the capture's site nor the twin knows another: it would be measured as ipip under the other's name
        if (encapsulation != Encapsulation.IPIP && encapsulation != Encapsulation.GUE) {
            throw new IllegalArgumentException(
                    "encapsulation %s: expected ipip or gue".formatted(encapsulation.label()));
        }
        if (replicated != Replicated.OFF && mode != Mode.LB && mode != Mode.NEW && mode != Mode.SHORT) {
            throw new IllegalArgumentException(
                    "--replication %s: mode %s has no flows to replicate, expected lb, new or short"
                            .formatted(replicated, mode));
        }
        if (mode == Mode.SHORT && (traffic.variants() > 1 || traffic.flows() % FlowPackets.WHOLE.each() != 0)) {
            throw new IllegalArgumentException("--flows %,d: mode short takes a multiple of %d up to a million"
                    .formatted(traffic.flows(), FlowPackets.WHOLE.each()));
        }
    }

    /** One that replicates nothing. */
    public Cell(Mode mode, boolean ipv6, Encapsulation encapsulation, int workers, Traffic traffic, Tables tables) {
        this(mode, ipv6, encapsulation, workers, traffic, tables, Replicated.OFF);
    }

    /** {@return which packets of its flows the capture has} */
    FlowPackets packets() {
        return switch (mode) {
            case NEW -> FlowPackets.FIRST;
            case SHORT -> FlowPackets.WHOLE;
            case RXFREE, FWD, MAC, LB, MAGLEV -> FlowPackets.MIDDLE;
        };
    }

    /** {@return what a contender is told} To it short connections are flows in as many variants as there are numbers. */
    Shape shape() {
        Source source = new Source(
                traffic.captured(),
                mode == Mode.SHORT ? Integer.MAX_VALUE : traffic.variants(),
                traffic.burst(),
                traffic.captured() * workers + SPARE_MBUFS,
                dataRoomBytes());
        return new Shape(
                mode == Mode.SHORT ? Mode.LB : mode,
                ipv6,
                encapsulation,
                tables.bucketBits(),
                tables.vips(),
                tables.backends(),
                workers,
                source,
                replicated);
    }

    private int dataRoomBytes() {
        int lines = (FlowCapture.frameBytes(ipv6, traffic.frameBytes()) + LINE_BYTES - 1) / LINE_BYTES;
        return HEADROOM_BYTES + Math.max(ROOM_MIN_BYTES, lines * LINE_BYTES);
    }

    /** {@return bytes of one worker's flow table} */
    public long flowTableBytes() {
        long bucketBytes = (long) Shape.ENTRIES_PER_BUCKET * (ipv6 ? IPV6_ENTRY_BYTES : IPV4_ENTRY_BYTES);
        return bucketBytes << tables.bucketBits();
    }

    /** {@return what one contender needs of DPDK's memory} */
    int memoryMegabytes() {
        Source source = shape().source();
        long mbufBytes = (long) source.mbufs() * (source.dataRoomBytes() + MBUF_OVERHEAD_BYTES);
        long tableBytes = (flowTableBytes() + (long) BACKEND_BYTES * tables.backends()) * workers;
        return (int) ((mbufBytes + tableBytes) >> 20) + OTHER_MEGABYTES;
    }

    /** {@return "ipv4" or "ipv6"} */
    public String family() {
        return ipv6 ? "ipv6" : "ipv4";
    }

    /** {@return mode and kind of packet, as tables and plots name them} */
    public String kind() {
        String kind = "%s %s/%s".formatted(mode, family(), encapsulation.label());
        return replicated == Replicated.OFF ? kind : kind + " " + replicated;
    }

    @Override
    public String toString() {
        return "%s: flows %,d, VIPs %,d, backends %,d, frame bytes %d, burst %d, workers %d"
                .formatted(
                        kind(),
                        traffic.flows(),
                        tables.vips(),
                        tables.backends(),
                        traffic.frameBytes(),
                        traffic.burst(),
                        workers);
    }
}
