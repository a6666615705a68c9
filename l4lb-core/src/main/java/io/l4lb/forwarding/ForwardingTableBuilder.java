package io.l4lb.forwarding;

import io.l4lb.cid.CidScheme;
import io.l4lb.cid.ConnectionIdDescriptor;
import io.l4lb.cid.QuicRoutes;
import io.l4lb.cid.ServerIdTable;
import io.l4lb.config.BackendConfig;
import io.l4lb.config.EthPortConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.config.VipConfig.PoolShare;
import io.l4lb.config.VipConfig.WhenAllDown;
import io.l4lb.config.access.AccessList;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.flow.SourceMask;
import io.l4lb.hash.MaglevMix;
import io.l4lb.hash.MaglevTable;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import io.l4lb.net.Protocol;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.path.TunnelTable;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Makes a {@link ForwardingTable} from a checked configuration and from what its backends may be used for at present
 * ({@link BackendUse}). Cold; control thread. A pool's Maglev table is filled once however many VIPs share it; VIPs that
 * also share the encapsulation share the slots array.
 *
 * <p>A backend that is down has no slots, and its destinations are unusable: flows pinned to them choose anew. One that is
 * doubted, or of weight 0, has no slots either, but its destinations stay usable. When no backend that takes new flows is up, VIPs
 * with {@code whenAllDown: forward} are served as if all were. Of a VIP's pools ({@link MaglevMix}) one that cannot serve leaves its share to the others.
 */
public final class ForwardingTableBuilder {
    private static final long SECOND_NS = 1_000_000_000;

    private final L4lbConfig config;
    private final ForwardingNumbers numbers;
    private final List<MacAddress> ethPortMacs;
    private final Function<IpAddress, Optional<MacAddress>> nextHops;
    private final Map<String, PoolConfig> pools = new HashMap<>();
    private final Map<String, BackendUse.OfPool> poolUses = new HashMap<>();
    private final Map<SlotsKey, PoolColumns> poolColumns = new HashMap<>();
    private final Map<MixKey, PoolColumns> mixes = new HashMap<>();
    private final Map<Integer, BackendConfig> usable = new HashMap<>();
    /** Destinations that new flows are given to. */
    private final BitSet taking = new BitSet();

    private BackendUse backendUse = BackendUse.CONFIGURED;
    private int workers;
    /** In the order of their numbers: VIPs with the same configuration share a decoder. */
    private final Map<CidScheme, Integer> cidSchemes = new LinkedHashMap<>();

    private MaglevTables maglevTables = new MaglevTables();
    private Optional<ForwardingTable> before = Optional.empty();

    private record SlotsKey(
            String pool,
            Encapsulation encapsulation,
            int guePort,
            boolean innerIpv6,
            String rule,
            boolean takesFlows) {}

    private record MixKey(List<PoolShare> shares, List<PoolColumns> parts) {}

    /** Arrays that VIPs of the same pool and encapsulation share: destinations by backend and by slot. */
    private static final class PoolColumns {
        final DestinationByBackend byBackend;
        final int[] slots;
        final ServerIdTable servers;

        PoolColumns(DestinationByBackend byBackend, int[] slots, ServerIdTable servers) {
            this.byBackend = byBackend;
            this.slots = slots;
            this.servers = servers;
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
        this.workers = config.dataplane().workers();
        this.numbers = numbers;
        this.ethPortMacs = List.copyOf(ethPortMacs);
        this.nextHops = nextHops;
        config.pools().forEach(pool -> pools.put(pool.name(), pool));
    }

    /** Lets each of so many workers have its share of what a VIP may take, in place of as many as the configuration has. */
    public ForwardingTableBuilder forWorkers(int count) {
        workers = count;
        return this;
    }

    /** Goes by what the backends may be used for at present, and keeps Maglev tables for the next build. */
    public ForwardingTableBuilder withUse(BackendUse use, MaglevTables tables) {
        backendUse = use;
        maglevTables = tables;
        return this;
    }

    /** Takes the path MTUs over that the workers have lowered in the table before, which is not closed yet. */
    public ForwardingTableBuilder after(Optional<ForwardingTable> lastTable) {
        before = lastTable;
        return this;
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
            vips.add(vip, number, columns.seeds[number]);
            PoolColumns pool = vipColumns(vip);
            columns.slots[number] = pool.slots;
            columns.byBackend[number] = pool.byBackend;
            columns.sourceMasks[number] = vip.affinity().isSource()
                    ? SourceMask.of(vip.affinity(), vip.address().ipv6())
                    : null;
            columns.udp[number] = vip.protocol() == Protocol.UDP;
            columns.access[number] =
                    vip.terms().accessList().map(AccessList::table).orElse(null);
            columns.stateless[number] = vip.terms().isStateless();
            columns.hasStateless |= vip.terms().isStateless();
            int ceiling = vip.terms().newFlowsPerSecond();
            columns.newFlowCostNs[number] = ceiling == 0 ? 0 : Math.max(1, SECOND_NS * workers / ceiling);
            columns.quic[number] = quicRoutes(vip, pool);
            columns.tracks[number] = (byte) vip.track().ordinal();
            columns.vipAddresses[number] =
                    numbers.replicaNumbers().vip(vip.address(), vip.protocol().number());
        }
        columns.timeouts = config.hasIdleTimes() ? config.timeouts(numbers::vipNumber) : null;
        columns.cidSchemes = List.copyOf(cidSchemes.keySet());
        maglevTables.keepOnly(pools.keySet());
        columns.backendOfDestination = backendOfDestination();
        columns.tunnels = tunnels();
        long recordBytes = (long) numbers.destinations().size() * DestinationDescriptor.LENGTH_BYTES;
        NativeMemory records = NativeMemory.allocate(
                Math.max(recordBytes * ethPortMacs.size(), DestinationDescriptor.LENGTH_BYTES), true);
        try {
            long[] sourceMacs = new long[ethPortMacs.size()];
            for (int ethPort = 0; ethPort < sourceMacs.length; ethPort++) {
                sourceMacs[ethPort] = memoryOrder(ethPortMacs.get(ethPort));
                writeRecords(records.address() + ethPort * recordBytes, ethPort);
            }
            return new ForwardingTable(vips.build(), columns, records, recordBytes, sourceMacs, vlanTags());
        } catch (RuntimeException | OutOfMemoryError e) {
            records.close();
            throw e;
        }
    }

    /** By ethPort; without ethPorts in the configuration, as in replay, there is one all the same. */
    private int[] vlanTags() {
        List<EthPortConfig> ethPorts = config.dataplane().ethPorts();
        return IntStream.range(0, ethPortMacs.size())
                .map(i -> i < ethPorts.size() ? ethPorts.get(i).transmitVlan() : 0)
                .map(EthernetDescriptor::vlanTag)
                .toArray();
    }

    private PoolColumns vipColumns(VipConfig vip) {
        // a pool that is all down is served as if it were up only when no other one can take the VIP's flows
        boolean anyTakes = vip.pools().stream()
                .anyMatch(share -> share.weight() > 0 && !useOf(share).isAllDown());
        WhenAllDown whenAllDown = anyTakes ? WhenAllDown.REJECT : vip.whenAllDown();
        if (vip.pools().size() == 1) {
            return poolColumns(vip, vip.pools().getFirst(), whenAllDown);
        }
        List<PoolColumns> parts = vip.pools().stream()
                .map(share -> poolColumns(vip, share, whenAllDown))
                .toList();
        return mixes.computeIfAbsent(new MixKey(vip.pools(), parts), this::mixed);
    }

    private PoolColumns mixed(MixKey key) {
        MaglevMix mix = MaglevTables.mix(
                key.shares,
                key.shares.stream().map(share -> pools.get(share.pool())).toList(),
                key.parts.stream().mapToInt(part -> part.slots.length).toArray());
        int[] slots = new int[mix.slotCount()];
        for (int slot = 0; slot < slots.length; slot++) {
            slots[slot] = key.parts.get(mix.tableAt(slot)).slots[mix.slotInTable(slot)];
        }
        return new PoolColumns(
                DestinationByBackend.union(
                        key.parts.stream().map(part -> part.byBackend).toList()),
                slots,
                ServerIdTable.union(key.parts.stream().map(part -> part.servers).toList()));
    }

    private BackendUse.OfPool useOf(PoolShare share) {
        PoolConfig pool = pools.get(share.pool());
        return poolUses.computeIfAbsent(pool.name(), name -> BackendUse.OfPool.of(pool, backendUse));
    }

    private PoolColumns poolColumns(VipConfig vip, PoolShare share, WhenAllDown whenAllDown) {
        PoolConfig pool = pools.get(share.pool());
        int guePort = vip.encapsulation() == Encapsulation.GUE ? vip.guePort() : 0;
        BackendUse.OfPool use = useOf(share);
        SlotsKey key = new SlotsKey(
                pool.name(),
                vip.encapsulation(),
                guePort,
                vip.address().ipv6(),
                ForwardingNumbers.Destination.ruleOf(vip),
                use.takesFlows(whenAllDown));
        return poolColumns.computeIfAbsent(key, ignored -> {
            List<BackendConfig> backends = pool.backends();
            int[] destinations = backends.stream()
                    .mapToInt(backend -> numbers.destinationIndex(pool, backend, vip))
                    .toArray();
            int[] kept = IntStream.range(0, destinations.length)
                    .filter(i -> use.keepsFlows(i, whenAllDown))
                    .toArray();
            List<Integer> shares = use.shares();
            for (int i : kept) {
                usable.put(destinations[i], backends.get(i));
                taking.set(destinations[i], key.takesFlows && share.weight() > 0 && shares.get(i) > 0);
            }
            int[] backendNumbers = Arrays.stream(kept)
                    .map(i -> numbers.replicaNumbers().backend(backends.get(i).address()))
                    .toArray();
            int[] usableDestinations =
                    Arrays.stream(kept).map(i -> destinations[i]).toArray();
            return new PoolColumns(
                    new DestinationByBackend(backendNumbers, usableDestinations),
                    key.takesFlows ? slots(pool, use, destinations) : new int[0],
                    servers(backends, destinations, kept));
        });
    }

    /** {@return who has which server ID; those of {@code destinations} that are not in {@code kept} cannot be used} */
    private static ServerIdTable servers(List<BackendConfig> backends, int[] destinations, int... kept) {
        int[] usable = new int[destinations.length];
        Arrays.fill(usable, ServerIdTable.UNUSABLE);
        for (int i : kept) {
            usable[i] = destinations[i];
        }
        int[] withId = IntStream.range(0, usable.length)
                .filter(i -> backends.get(i).quicServerId().isPresent())
                .toArray();
        return new ServerIdTable(
                Arrays.stream(withId)
                        .mapToObj(i -> backends.get(i).quicServerId().orElseThrow())
                        .toList(),
                Arrays.stream(withId).map(i -> usable[i]).toArray());
    }

    /** {@return how the VIP's packets are routed by connection ID; null if they are not} */
    private QuicRoutes quicRoutes(VipConfig vip, PoolColumns pool) {
        if (vip.quic().isEmpty()) {
            return null;
        }
        int[] decoders = new int[ConnectionIdDescriptor.CONFIGURATIONS];
        Arrays.fill(decoders, QuicRoutes.NONE);
        for (CidScheme scheme : vip.quic().get().configs()) {
            Integer number = cidSchemes.putIfAbsent(scheme, cidSchemes.size());
            decoders[scheme.id()] = number == null ? cidSchemes.size() - 1 : number;
        }
        return new QuicRoutes(decoders, pool.servers);
    }

    private int[] slots(PoolConfig pool, BackendUse.OfPool use, int... destinations) {
        MaglevTable maglev = maglevTables.of(pool, use.shares());
        int[] slots = new int[maglev.isEmpty() ? 0 : maglev.slotCount()];
        for (int slot = 0; slot < slots.length; slot++) {
            slots[slot] = destinations[maglev.backendAt(slot)];
        }
        return slots;
    }

    private TunnelTable tunnels() {
        List<ForwardingNumbers.Destination> destinations = numbers.destinations();
        Map<Integer, IpAddress> addresses = new HashMap<>();
        usable.forEach((index, backend) -> {
            if (destinations.get(index).encapsulation() != Encapsulation.L2) {
                addresses.put(index, backend.address());
            }
        });
        return new TunnelTable(addresses, destinations.size());
    }

    /** {@return by destination index the number of the backend's address} */
    private int[] backendOfDestination() {
        return numbers.destinations().stream()
                .mapToInt(destination -> numbers.replicaNumbers().backend(destination.backend()))
                .toArray();
    }

    private void writeRecords(long base, int ethPort) {
        List<ForwardingNumbers.Destination> destinations = numbers.destinations();
        usable.forEach((index, backend) -> {
            long record = base + (long) index * DestinationDescriptor.LENGTH_BYTES;
            writeRecord(record, destinations.get(index), backend, ethPortMacs.get(ethPort));
            DestinationDescriptor.takesNewFlows(record, taking.get(index));
            before.ifPresent(table -> table.keepPathMtu(ethPort, index, record));
        });
    }

    private void writeRecord(
            long record, ForwardingNumbers.Destination to, BackendConfig backend, MacAddress ethPortMac) {
        boolean l2 = to.encapsulation() == Encapsulation.L2;
        Optional<MacAddress> nextHop = l2 ? backend.mac() : nextHops.apply(to.backend());
        Optional<IpAddress> outerSource = config.dataplane().outerSource().towards(to.backend());
        DestinationRecords.write(
                record, to, ethPortMac, nextHop, outerSource, config.dataplane().mtuBytes());
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
