package io.l4lb.dpdk.eal;

import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.binding.DpdkException;
import io.l4lb.dpdk.binding.ShimLayout;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Compares {@link MbufDescriptor}, whose offsets are compiled into the hot path, with the DPDK that the shim was
 * compiled against. All other structs are read through the shim's table and need no comparison.
 */
final class LayoutCheck {
    private record Expected(String name, long value) {}

    private static final List<Expected> MBUF = List.of(
            new Expected("rte_mbuf.buf_addr", MbufDescriptor.BUF_ADDR_OFFSET),
            new Expected("rte_mbuf.data_off", MbufDescriptor.DATA_OFF_OFFSET),
            new Expected("rte_mbuf.refcnt", MbufDescriptor.REFCNT_OFFSET),
            new Expected("rte_mbuf.nb_segs", MbufDescriptor.NB_SEGS_OFFSET),
            new Expected("rte_mbuf.port", MbufDescriptor.ETH_PORT_OFFSET),
            new Expected("rte_mbuf.ol_flags", MbufDescriptor.OL_FLAGS_OFFSET),
            new Expected("rte_mbuf.pkt_len", MbufDescriptor.PKT_LEN_OFFSET),
            new Expected("rte_mbuf.data_len", MbufDescriptor.DATA_LEN_OFFSET),
            new Expected("rte_mbuf.buf_len", MbufDescriptor.BUF_LEN_OFFSET),
            new Expected("rte_mbuf.next", MbufDescriptor.NEXT_OFFSET),
            new Expected("rte_mbuf.dynfield1", MbufDescriptor.DYNAMIC_FIELDS_OFFSET),
            new Expected("sizeof rte_mbuf", MbufDescriptor.LENGTH_BYTES));

    private LayoutCheck() {}

    static void check() {
        check(ShimLayout::value);
    }

    /** Throws with every field that differs. */
    static void check(ToLongFunction<String> found) {
        List<String> differences = MBUF.stream()
                .filter(field -> found.applyAsLong(field.name()) != field.value())
                .map(field ->
                        field.name() + ": expected " + field.value() + ", found " + found.applyAsLong(field.name()))
                .toList();
        if (!differences.isEmpty()) {
            throw new DpdkException(
                    "this DPDK lays out its mbufs otherwise than l4lb expects",
                    String.join("; ", differences),
                    List.of(),
                    "use a DPDK release that l4lb supports (22.11 or newer of the same layout)");
        }
    }
}
