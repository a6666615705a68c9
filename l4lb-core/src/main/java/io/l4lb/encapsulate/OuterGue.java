package io.l4lb.encapsulate;

import io.l4lb.dpdk.Memory;
import io.l4lb.packet.EncapsulationDescriptor;
import io.l4lb.packet.L4Descriptor;

/** UDP and GUE header of a packet: the template, and what differs per packet. Static, hot. */
final class OuterGue {
    private static final int UDP_LENGTH_SHIFT = L4Descriptor.UDP_LENGTH_OFFSET * Byte.SIZE;

    private OuterGue() {}

    /**
     * Writes the header that ends where the inner packet begins: UDP length, and a source port from the flow's hash.
     *
     * @param templateEnd address behind the template's last byte
     */
    static void write(long inner, long templateEnd, int innerLength, long hash) {
        long udp = inner - EncapsulationDescriptor.GUE_LENGTH_BYTES;
        long template = templateEnd - EncapsulationDescriptor.GUE_LENGTH_BYTES;
        int sourcePort = EncapsulationDescriptor.GUE_SOURCE_PORT_BASE
                | ((int) hash & EncapsulationDescriptor.GUE_SOURCE_PORT_MASK);
        int length = innerLength + EncapsulationDescriptor.GUE_LENGTH_BYTES;
        long fieldsBe = Short.toUnsignedLong(Short.reverseBytes((short) sourcePort))
                | (Short.toUnsignedLong(Short.reverseBytes((short) length)) << UDP_LENGTH_SHIFT);
        Memory.putLong(udp, Memory.getLong(template) | fieldsBe);
        Memory.putInt(udp + Long.BYTES, Memory.getInt(template + Long.BYTES));
    }
}
