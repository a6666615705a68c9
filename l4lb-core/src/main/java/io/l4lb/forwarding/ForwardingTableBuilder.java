package io.l4lb.forwarding;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.OuterSourceConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.hash.MaglevTable;
import io.l4lb.hash.MaglevTableBuilder;
import io.l4lb.net.Affinity;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import io.l4lb.net.Protocol;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.InternetChecksum;
import io.l4lb.packet.Ipv4Descriptor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Makes a {@link ForwardingTable} from a checked configuration. Cold; control thread. A pool's Maglev table is filled
 * once however many VIPs share it; VIPs that also share the encapsulation share the slots array.
 */
public final class ForwardingTableBuilder {
    private final L4lbConfig config;
    private final ForwardingNumbers numbers;
    private final List<MacAddress> ethPortMacs;
    private final Function<IpAddress, Optional<MacAddress>> nextHops;
    private final Map<String, PoolConfig> pools = new HashMap<>();
    private final Map<String, MaglevTable> maglevTables = new HashMap<>();
    private final Map<SlotsKey, PoolColumns> poolColumns = new HashMap<>();
    private final Map<Integer, BackendConfig> usable = new HashMap<>();

    private record SlotsKey(String pool, Encapsulation encapsulation, int guePort, boolean innerIpv6) {}

    /** Arrays that VIPs of the same pool and encapsulation share: destinations by backend, destinations by slot. */
    private static final class PoolColumns {
        final int[] destinations;
        final int[] slots;

        PoolColumns(int[] destinations, int[] slots) {
            this.destinations = destinations;
            this.slots = slots;
        }
    }

    /**
     * @param numbers the process's numbering; new VIPs and backends get numbers from it
     * @param ethPortMacs own MAC of each ethPort, in the order of the workers' ethPorts
     * @param nextHops the MAC to send a backend's outer packet to; empty: not known yet, its packets are dropped
     */
    public ForwardingTableBuilder(
            L4lbConfig config,
            ForwardingNumbers numbers,
            List<MacAddress> ethPortMacs,
            Function<IpAddress, Optional<MacAddress>> nextHops) {
        this.config = config;
        this.numbers = numbers;
        this.ethPortMacs = List.copyOf(ethPortMacs);
        this.nextHops = nextHops;
        config.pools().forEach(pool -> pools.put(pool.name(), pool));
    }

    /** {@return the table; the caller closes it} */
    public ForwardingTable build() {
        config.vips().forEach(numbers::vipNumber);
        ForwardingTable.VipColumns columns =
                new ForwardingTable.VipColumns(numbers.vips().size() + 1);
        for (ForwardingNumbers.VipKey vip : numbers.vips()) {
            // of VIPs that are gone too: their flows are still in the tables and have to be found there to be moved
            columns.seeds[numbers.vipNumber(vip)] = vip.seed();
        }
        VipTableBuilder vips = new VipTableBuilder();
        for (VipConfig vip : config.vips()) {
            int number = numbers.vipNumber(vip);
            vips.add(vip, number);
            PoolColumns pool = poolColumns(vip);
            columns.slots[number] = pool.slots;
            columns.destinations[number] = pool.destinations;
            columns.sourceAffinity[number] = vip.affinity() == Affinity.SOURCE;
            columns.udp[number] = vip.protocol() == Protocol.UDP;
        }
        columns.backendOfDestination = backendOfDestination();
        long recordBytes = (long) numbers.destinations().size() * DestinationDescriptor.LENGTH_BYTES;
        NativeMemory records = NativeMemory.allocate(
                Math.max(recordBytes * ethPortMacs.size(), DestinationDescriptor.LENGTH_BYTES), true);
        try {
            long[] sourceMacs = new long[ethPortMacs.size()];
            for (int ethPort = 0; ethPort < sourceMacs.length; ethPort++) {
                sourceMacs[ethPort] = memoryOrder(ethPortMacs.get(ethPort));
                writeRecords(records.address() + ethPort * recordBytes, ethPortMacs.get(ethPort));
            }
            return new ForwardingTable(vips.build(), columns, records, recordBytes, sourceMacs);
        } catch (RuntimeException e) { // a next hop that cannot be resolved
            records.close();
            throw e;
        }
    }

    /** {@return the Maglev table of a pool: slot to index in {@code pool.backends()}} */
    public static MaglevTable maglev(PoolConfig pool) {
        MaglevTableBuilder builder = new MaglevTableBuilder(pool.tableSize());
        pool.backends().forEach(backend -> builder.add(backend.address().bytes(), backend.weight()));
        return builder.build();
    }

    private PoolColumns poolColumns(VipConfig vip) {
        PoolConfig pool = pools.get(vip.pool());
        int guePort = vip.encapsulation() == Encapsulation.GUE ? vip.guePort() : 0;
        SlotsKey key = new SlotsKey(
                pool.name(), vip.encapsulation(), guePort, vip.address().ipv6());
        return poolColumns.computeIfAbsent(key, ignored -> {
            int[] destinations = new int[pool.backends().size()];
            for (int i = 0; i < destinations.length; i++) {
                destinations[i] = numbers.destinationIndex(pool, pool.backends().get(i), vip);
                usable.put(destinations[i], pool.backends().get(i));
            }
            MaglevTable maglev = maglevTables.computeIfAbsent(pool.name(), name -> maglev(pool));
            int[] slots = new int[maglev.isEmpty() ? 0 : maglev.slotCount()];
            for (int slot = 0; slot < slots.length; slot++) {
                slots[slot] = destinations[maglev.backendAt(slot)];
            }
            return new PoolColumns(destinations, slots);
        });
    }

    /** {@return by destination index a number that stands for the backend's address} */
    private int[] backendOfDestination() {
        Map<IpAddress, Integer> backends = new HashMap<>();
        return numbers.destinations().stream()
                .mapToInt(destination -> backends.computeIfAbsent(destination.backend(), address -> backends.size()))
                .toArray();
    }

    private void writeRecords(long base, MacAddress ethPortMac) {
        List<ForwardingNumbers.Destination> destinations = numbers.destinations();
        usable.forEach((index, backend) -> {
            long record = base + (long) index * DestinationDescriptor.LENGTH_BYTES;
            writeRecord(record, destinations.get(index), backend, ethPortMac);
        });
    }

    private void writeRecord(
            long record, ForwardingNumbers.Destination to, BackendConfig backend, MacAddress ethPortMac) {
        boolean l2 = to.encapsulation() == Encapsulation.L2;
        Optional<MacAddress> nextHop = l2 ? backend.mac() : nextHops.apply(to.backend());
        if (nextHop.isEmpty()) {
            Memory.putByte(record + DestinationDescriptor.KIND_OFFSET, (byte) DestinationDescriptor.UNRESOLVED);
            return;
        }
        byte[] template = l2
                ? OuterHeader.l2(nextHop.get(), ethPortMac)
                : OuterHeader.template(
                        new OuterHeader.Link(ethPortMac, nextHop.get()),
                        outerSource(to.backend().ipv6()),
                        to);
        int kind = l2
                ? DestinationDescriptor.L2
                : to.backend().ipv6() ? DestinationDescriptor.OUTER_IPV6 : DestinationDescriptor.OUTER_IPV4;
        long templateAddress = record + DestinationDescriptor.TEMPLATE_OFFSET;
        Memory.copy(template, 0, templateAddress, template.length);
        Memory.putByte(record + DestinationDescriptor.KIND_OFFSET, (byte) kind);
        Memory.putByte(record + DestinationDescriptor.EXTRA_OFFSET, (byte)
                (OuterHeader.isGue(to) ? DestinationDescriptor.GUE : DestinationDescriptor.PLAIN));
        Memory.putShort(record + DestinationDescriptor.HEADER_LENGTH_OFFSET, (short) template.length);
        if (kind == DestinationDescriptor.OUTER_IPV4) {
            Memory.putInt(
                    record + DestinationDescriptor.CHECKSUM_BASE_OFFSET,
                    InternetChecksum.sum(
                            templateAddress + EthernetDescriptor.LENGTH_BYTES, Ipv4Descriptor.LENGTH_BYTES));
        }
    }

    private IpAddress outerSource(boolean ipv6) {
        OuterSourceConfig source = config.dataplane().outerSource();
        return (ipv6 ? source.ipv6() : source.ipv4()).orElseThrow();
    }

    private static long memoryOrder(MacAddress mac) {
        long value = 0;
        byte[] bytes = mac.bytes();
        for (int i = bytes.length - 1; i >= 0; i--) {
            value = (value << 8) | (bytes[i] & 0xff);
        }
        return value;
    }
}
