package io.l4lb.dpdk.ethdev;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.l4lb.dpdk.binding.ShimLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A zeroed struct of DPDK in native memory; its fields are found by name in the shim's layout table. */
final class DpdkStruct {
    private static final long ALIGNMENT_BYTES = 64;

    private final String type;
    private final MemorySegment bytes;

    private DpdkStruct(String type, MemorySegment bytes) {
        this.type = type;
        this.bytes = bytes;
    }

    static DpdkStruct allocate(String type, Arena arena) {
        return new DpdkStruct(type, arena.allocate(ShimLayout.value("sizeof " + type), ALIGNMENT_BYTES));
    }

    long address() {
        return bytes.address();
    }

    int unsignedShort(String field) {
        return bytes.get(JAVA_SHORT_UNALIGNED, offset(field)) & 0xffff;
    }

    long unsignedInt(String field) {
        return bytes.get(JAVA_INT_UNALIGNED, offset(field)) & 0xffffffffL;
    }

    long getLong(String field) {
        return bytes.get(JAVA_LONG_UNALIGNED, offset(field));
    }

    String text(String field) {
        return ShimLayout.text(getLong(field));
    }

    void putInt(String field, int value) {
        bytes.set(JAVA_INT_UNALIGNED, offset(field), value);
    }

    void putLong(String field, long value) {
        bytes.set(JAVA_LONG_UNALIGNED, offset(field), value);
    }

    private long offset(String field) {
        return ShimLayout.value(type + "." + field);
    }
}
