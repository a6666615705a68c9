package io.l4lb.dpdk.ethdev;

import static io.l4lb.dpdk.binding.ColdCall.POINTER;

import io.l4lb.dpdk.binding.ColdCall;
import io.l4lb.dpdk.binding.EalState;
import java.lang.foreign.Arena;
import java.util.OptionalInt;

/**
 * The receive time that some drivers leave in a dynamic field of the mbuf. net_pcap writes the capture time there, in
 * microseconds since 1970. The field's offset is fixed when the first such device is attached.
 */
public final class MbufTimestamp {
    /** RTE_MBUF_DYNFIELD_TIMESTAMP_NAME; 8 bytes, unit set by the driver. */
    private static final String FIELD_NAME = "rte_dynfield_timestamp";

    private static final ColdCall LOOK_UP = ColdCall.returningInt("rte_mbuf_dynfield_lookup", POINTER, POINTER);

    private MbufTimestamp() {}

    /** {@return the field's offset from the mbuf's address; empty while no attached driver has one} */
    public static OptionalInt offset() {
        EalState.require("cannot look up the mbuf's time stamp");
        try (Arena arena = Arena.ofConfined()) {
            int offset = LOOK_UP.toInt(arena.allocateFrom(FIELD_NAME).address(), 0L);
            return offset < 0 ? OptionalInt.empty() : OptionalInt.of(offset);
        }
    }
}
