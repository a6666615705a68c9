package io.l4lb.bench.growth;

import io.l4lb.bench.measure.Cell;
import io.l4lb.bench.measure.Tables;
import io.l4lb.bench.measure.Traffic;
import io.l4lb.bench.shape.Mode;
import io.l4lb.net.Encapsulation;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What can grow; all else stays as in {@link #FLOWS} for {@value #FLOW_COUNT} flows. */
enum Growth {
    FLOWS("flows"),
    VIPS("vips"),
    BACKENDS("backends"),
    FRAME_BYTES("frame-bytes"),
    BURST("burst"),
    LOAD("load");

    private static final int FLOW_COUNT = 100_000;
    private static final int CAPTURED = 1000;
    /** Enough that six in seven of 10,000 VIPs are met. */
    private static final int CAPTURED_FOR_VIPS = 20_000;

    private static final int BACKEND_COUNT = 100;
    /** So few that all they touch stays in the first-level cache. */
    private static final int FEW_FLOWS = 100;

    private final String label;

    Growth(String label) {
        this.label = label;
    }

    /** {@return the word on the command line} */
    String label() {
        return label;
    }

    /** {@return where it is measured} */
    List<Integer> points() {
        return switch (this) {
            case FLOWS -> List.of(1000, 10_000, 100_000, 1_000_000, 10_000_000);
            case VIPS, BACKENDS -> List.of(1, 10, 100, 1000, 10_000);
            case FRAME_BYTES -> List.of(60, 124, 252, 508, 1020, 1494);
            case BURST -> List.of(1, 2, 4, 8, 16, 32);
            case LOAD -> List.of(5, 10, 25, 50, 75, 90, 95);
        };
    }

    static Optional<Growth> of(String label) {
        return Arrays.stream(values())
                .filter(growth -> growth.label.equals(label))
                .findFirst();
    }

    /** {@return the title of the axis} */
    String title() {
        return switch (this) {
            case FLOWS -> "flows";
            case VIPS -> "VIPs";
            case BACKENDS -> "backends";
            case FRAME_BYTES -> "frame bytes, without FCS";
            case BURST -> "packets of a burst";
            case LOAD -> "load of the flow table, %";
        };
    }

    boolean logarithmic() {
        return this != FRAME_BYTES && this != LOAD;
    }

    /** {@return what is measured at that point} */
    Cell cell(Encapsulation encapsulation, boolean ipv6, int at) {
        return new Cell(Mode.LB, ipv6, encapsulation, 1, traffic(at), tables(at));
    }

    private Traffic traffic(int at) {
        return switch (this) {
            case FLOWS -> traffic(at, CAPTURED);
            case VIPS -> traffic(FLOW_COUNT, CAPTURED_FOR_VIPS);
            case BACKENDS -> traffic(FLOW_COUNT, CAPTURED);
            case FRAME_BYTES -> new Traffic(FLOW_COUNT, CAPTURED, at, Traffic.BURST);
            case BURST -> new Traffic(FLOW_COUNT, CAPTURED, Traffic.FRAME_BYTES, at);
            case LOAD -> traffic(tables(at).flowsAt(at) / CAPTURED * CAPTURED, CAPTURED);
        };
    }

    private static Traffic traffic(int flows, int captured) {
        return new Traffic(flows, Math.min(flows, captured), Traffic.FRAME_BYTES, Traffic.BURST);
    }

    private Tables tables(int at) {
        return switch (this) {
            case FLOWS -> Tables.forFlows(1, BACKEND_COUNT, at);
            case VIPS -> Tables.forFlows(at, BACKEND_COUNT, FLOW_COUNT);
            case BACKENDS -> Tables.forFlows(1, at, FLOW_COUNT);
            case FRAME_BYTES, BURST, LOAD -> Tables.forFlows(1, BACKEND_COUNT, FLOW_COUNT);
        };
    }

    /**
     * {@return what is measured beside a cell: with tables that have grown as much but only {@value #FEW_FLOWS} flows, so
     * that what still grows is no cache miss; or the driver alone; empty: nothing}
     */
    Optional<Cell> control(Cell cell) {
        return switch (this) {
            case FLOWS, VIPS, BACKENDS ->
                Optional.of(new Cell(
                        cell.mode(),
                        cell.ipv6(),
                        cell.encapsulation(),
                        cell.workers(),
                        traffic(FEW_FLOWS, FEW_FLOWS),
                        cell.tables()));
            case FRAME_BYTES, BURST ->
                Optional.of(new Cell(
                        Mode.MAC, cell.ipv6(), cell.encapsulation(), cell.workers(), cell.traffic(), cell.tables()));
            case LOAD -> Optional.empty();
        };
    }

    /** {@return the name of the line that a cell is a point of} */
    static String series(Cell cell) {
        return cell.traffic().flows() == FEW_FLOWS ? "lb, " + FEW_FLOWS + " flows" : cell.kind();
    }
}
