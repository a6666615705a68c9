package io.l4lb.forwarding;

import io.l4lb.dpdk.Memory;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.InternetChecksum;
import io.l4lb.packet.Ipv4Descriptor;
import java.util.Optional;

/** Writes records of {@link DestinationDescriptor}: for workers' tables and for checks that travel like clients' packets. Cold. */
public final class DestinationRecords {
    private DestinationRecords() {}

    /**
     * Writes one record.
     *
     * @param record address of {@link DestinationDescriptor#LENGTH_BYTES} zeroed bytes
     * @param ethPortMac of the ethPort that the packets leave by
     * @param nextHop the MAC to send to; empty: not known yet, packets are dropped
     * @param outerSource of the backend's family; read unless the encapsulation is l2
     * @param mtuBytes largest IP packet that the link carries
     */
    public static void write(
            long record,
            ForwardingNumbers.Destination to,
            MacAddress ethPortMac,
            Optional<MacAddress> nextHop,
            Optional<IpAddress> outerSource,
            int mtuBytes) {
        if (nextHop.isEmpty()) {
            Memory.putByte(record + DestinationDescriptor.KIND_OFFSET, (byte) DestinationDescriptor.UNRESOLVED);
            return;
        }
        boolean l2 = to.encapsulation() == Encapsulation.L2;
        byte[] template = l2
                ? OuterHeader.l2(nextHop.get(), ethPortMac)
                : OuterHeader.template(new OuterHeader.Link(ethPortMac, nextHop.get()), outerSource.orElseThrow(), to);
        int kind = l2
                ? DestinationDescriptor.L2
                : to.backend().ipv6() ? DestinationDescriptor.OUTER_IPV6 : DestinationDescriptor.OUTER_IPV4;
        long templateAddress = record + DestinationDescriptor.TEMPLATE_OFFSET;
        Memory.copy(template, 0, templateAddress, template.length);
        Memory.putByte(record + DestinationDescriptor.KIND_OFFSET, (byte) kind);
        Memory.putByte(record + DestinationDescriptor.BETWEEN_OFFSET, (byte) OuterHeader.kindBetween(to));
        Memory.putShort(record + DestinationDescriptor.HEADER_LENGTH_OFFSET, (short) template.length);
        Memory.putShort(record + DestinationDescriptor.PATH_MTU_OFFSET, (short) mtuBytes);
        Memory.putShort(record + DestinationDescriptor.LINK_MTU_OFFSET, (short) mtuBytes);
        if (kind == DestinationDescriptor.OUTER_IPV4) {
            Memory.putInt(
                    record + DestinationDescriptor.CHECKSUM_BASE_OFFSET,
                    InternetChecksum.sum(
                            templateAddress + EthernetDescriptor.LENGTH_BYTES, Ipv4Descriptor.LENGTH_BYTES));
        }
    }
}
