package io.l4lb.encapsulate;

import io.l4lb.dpdk.Memory;
import io.l4lb.packet.EncapsulationDescriptor;
import io.l4lb.packet.L4Descriptor;

/** What differs per packet in a GUE header. Static, hot. */
final class OuterGue {
    private OuterGue() {}

    /** Writes UDP length and source port into the header that ends where the inner packet begins. */
    static void fill(long inner, int innerLength, long hash) {
        long udp = inner - EncapsulationDescriptor.GUE_LENGTH_BYTES;
        int sourcePort = EncapsulationDescriptor.GUE_SOURCE_PORT_BASE
                | ((int) hash & EncapsulationDescriptor.GUE_SOURCE_PORT_MASK);
        Memory.putShort(udp + L4Descriptor.SOURCE_PORT_OFFSET, Short.reverseBytes((short) sourcePort));
        int length = innerLength + EncapsulationDescriptor.GUE_LENGTH_BYTES;
        Memory.putShort(udp + L4Descriptor.UDP_LENGTH_OFFSET, Short.reverseBytes((short) length));
    }
}
