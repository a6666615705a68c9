package io.l4lb.node;

import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.EthPortConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.dpdk.MbufPool;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;
import io.l4lb.dpdk.eal.Eal;
import io.l4lb.dpdk.ethdev.EthDev;
import io.l4lb.dpdk.ethdev.EthDevConfig;
import io.l4lb.dpdk.ethdev.EthDevSettings;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import io.l4lb.node.kernel.TwinTap;
import io.l4lb.node.kernel.XdpFilter;
import io.l4lb.worker.WorkerEthPort;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The node's ethPorts and the mbufs behind them. Control thread. */
final class Devices implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);

    private static final int HEADROOM_BYTES = 128;
    /** Ethernet header, two VLAN tags. */
    private static final int LINK_HEADER_BYTES = 22;

    private static final int DATA_ROOM_MIN_BYTES = 2048;
    /** What a queue can hold: both rings, a worker's cache and its burst; net_af_xdp keeps 2048 a queue for itself. */
    private static final int MBUFS_PER_QUEUE = 2048 + 2 * EthDevConfig.DEFAULT_DESCRIPTORS;

    private final Eal eal;
    private final List<EthDev> ethDevs = new ArrayList<>();
    private final List<MbufPool> pools = new ArrayList<>();
    /** By ethPort; null: it has none. */
    private final List<TwinTap> taps = new ArrayList<>();

    private final List<XdpFilter> filters = new ArrayList<>();

    private Devices(Eal eal) {
        this.eal = eal;
    }

    /** Starts the EAL and sets all devices up; they receive from {@link #start} on. */
    static Devices open(DataplaneConfig dataplane) {
        List<String> names =
                dataplane.ethPorts().stream().map(EthPortConfig::device).toList();
        Devices devices = new Devices(Eal.start(dataplane.eal(), names));
        try {
            for (EthPortConfig ethPort : dataplane.ethPorts()) {
                devices.add(ethPort, dataplane);
            }
            return devices;
        } catch (Throwable e) {
            devices.close();
            throw e;
        }
    }

    private void add(EthPortConfig ethPort, DataplaneConfig dataplane) {
        Optional<String> interfaceName = XdpFilter.interfaceOf(ethPort.device());
        interfaceName.ifPresent(XdpFilter::removeLeftOver);
        EthDev ethDev =
                eal.attach(ethPort.xdpFilter() ? XdpFilter.deviceWithFilter(ethPort.device()) : ethPort.device());
        ethDevs.add(ethDev);
        int dataRoom = HEADROOM_BYTES + Math.max(DATA_ROOM_MIN_BYTES, dataplane.mtuBytes() + LINK_HEADER_BYTES);
        MbufPool pool = MbufPool.create(
                "ethPort" + ethDev.ethPortId(),
                mbufCount(dataplane.workers()),
                dataRoom,
                ethDev.info().socketId());
        pools.add(pool);
        EthDevSettings settings =
                ethDev.configure(EthDevConfig.forWorkers(dataplane.workers(), dataplane.mtuBytes(), pool));
        if (ethPort.xdpFilter()) {
            filters.add(XdpFilter.on(interfaceName.orElseThrow()));
        }
        taps.add(
                ethPort.kernelInterface().isPresent()
                        ? TwinTap.attach(eal, taps.size(), ethPort, macAddress(ethDev.macAddress()), dataplane, pool)
                        : null);
        if (settings.rxQueues() > 1 && settings.rssHashFunctions() == 0) {
            LOG.warn(
                    "ethPort {}: {} lets DPDK set no RSS: what feeds {} decides which of the {} workers gets a packet",
                    ethPort.name(),
                    ethDev.info().driverName(),
                    ethDev.device(),
                    settings.rxQueues());
        }
    }

    /** {@return 2^n - 1, which DPDK's ring-based pools waste least with, and enough for every queue} */
    private static int mbufCount(int workers) {
        return 2 * Integer.highestOneBit(workers * MBUFS_PER_QUEUE) - 1;
    }

    Eal eal() {
        return eal;
    }

    void start() {
        ethDevs.forEach(EthDev::start);
        taps.stream().filter(Objects::nonNull).forEach(TwinTap::start);
    }

    /** {@return whether the kernel reaches its neighbours only through the workers} */
    boolean haveTwinTaps() {
        return taps.stream().anyMatch(Objects::nonNull);
    }

    /** Has the XDP filters hand over what is for these VIPs, and nothing else. */
    void show(Collection<VipConfig> vips) {
        Set<IpAddress> addresses = addresses(vips);
        filters.forEach(filter -> filter.show(addresses));
    }

    private static Set<IpAddress> addresses(Collection<VipConfig> vips) {
        return vips.stream().map(VipConfig::address).collect(Collectors.toSet());
    }

    List<EthDev> ethDevs() {
        return List.copyOf(ethDevs);
    }

    List<MacAddress> macAddresses() {
        return ethDevs.stream().map(ethDev -> macAddress(ethDev.macAddress())).toList();
    }

    private static MacAddress macAddress(byte[] bytes) {
        long value = 0;
        for (byte b : bytes) {
            value = (value << Byte.SIZE) | (b & 0xff);
        }
        return new MacAddress(value);
    }

    /** {@return the queues of one worker on every ethPort} */
    List<WorkerEthPort> queues(int worker) {
        return IntStream.range(0, ethDevs.size())
                .mapToObj(i -> {
                    RxQueue rxQueue = ethDevs.get(i).rxQueue(worker);
                    TxQueue txQueue = ethDevs.get(i).txQueue(worker);
                    return taps.get(i) == null
                            ? new WorkerEthPort(rxQueue, txQueue, null)
                            : WorkerEthPort.of(rxQueue, txQueue, taps.get(i).side(worker));
                })
                .toList();
    }

    /** {@return where any worker's dropped mbufs go: each finds the way to its own pool} */
    MbufPool anyPool() {
        return pools.getFirst();
    }

    String version() {
        return eal.version();
    }

    /** {@return one line an ethPort, for the log} */
    List<String> descriptions(List<EthPortConfig> names) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < ethDevs.size(); i++) {
            EthDev ethDev = ethDevs.get(i);
            lines.add("ethPort " + names.get(i).name() + ": " + ethDev.device() + ", driver "
                    + ethDev.info().driverName() + ", MAC " + macAddress(ethDev.macAddress())
                    + (taps.get(i) == null ? "" : ", " + taps.get(i).description()));
        }
        return lines;
    }

    /** Stops and closes the devices, then the EAL; no worker may poll any more. */
    @Override
    public void close() {
        eal.close();
        pools.forEach(MbufPool::close);
    }
}
