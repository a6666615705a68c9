package io.l4lb.dpdk.binding;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Offsets ("rte_mbuf.data_off"), sizes ("sizeof rte_mbuf") and macros of the DPDK headers that the shim was compiled
 * against. Java lays out no DPDK struct by itself. Read once; any thread.
 */
public final class ShimLayout {
    private static final ColdCall COUNT = ColdCall.returningInt("l4lb_layout_count");
    private static final ColdCall NAME = ColdCall.returningLong("l4lb_layout_name", ColdCall.INT32);
    private static final ColdCall VALUE = ColdCall.returningLong("l4lb_layout_value", ColdCall.INT32);

    private static Map<String, Long> values;

    private ShimLayout() {}

    /**
     * {@return the value of {@code name} in the shim's table}
     *
     * @throws DpdkException when the shim does not know the name
     */
    public static long value(String name) {
        Long value = values().get(name);
        if (value == null) {
            throw new DpdkException(
                    "the shim has no layout entry " + name, "shim and Java differ", List.of(), "make -C native");
        }
        return value;
    }

    private static synchronized Map<String, Long> values() {
        if (values == null) {
            values = read();
        }
        return values;
    }

    private static Map<String, Long> read() {
        Map<String, Long> table = new HashMap<>();
        int count = COUNT.toInt();
        for (int i = 0; i < count; i++) {
            table.put(text(NAME.toLong(i)), VALUE.toLong(i));
        }
        return Map.copyOf(table);
    }

    /** {@return the C string at {@code address}, or an empty one for a null pointer} */
    public static String text(long address) {
        return address == 0
                ? ""
                : MemorySegment.ofAddress(address).reinterpret(Long.MAX_VALUE).getString(0);
    }
}
