package io.l4lb.node.device;

import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.EthPortConfig;
import io.l4lb.config.EthPortConfig.KernelInterface;
import io.l4lb.dpdk.MbufPool;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;
import io.l4lb.dpdk.eal.Eal;
import io.l4lb.dpdk.ethdev.EthDev;
import io.l4lb.dpdk.ethdev.EthDevConfig;
import io.l4lb.dpdk.ethdev.EthDevSettings;
import io.l4lb.dpdk.tun.InterfaceState;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import io.l4lb.node.kernel.TwinTap;
import io.l4lb.node.kernel.XdpFilter;
import io.l4lb.worker.WorkerEthPort;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One ethPort with all that belongs to it: its device, the mbufs behind it, the kernel's side. From {@link #open} to {@link
 * #close}; an interface that vanished and came back is another one. One cold thread at a time.
 */
final class EthPort implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EthPort.class);

    private static final int HEADROOM_BYTES = 128;
    /** Ethernet header, two VLAN tags. */
    private static final int LINK_HEADER_BYTES = 22;

    private static final int DATA_ROOM_MIN_BYTES = 2048;
    /**
     * What a queue can hold: both rings, a worker's cache and its burst; net_af_xdp keeps 2048 a queue for itself. The fragments
     * that a worker holds come on top: all of them may be of one ethPort.
     */
    private static final int MBUFS_PER_QUEUE = 2048 + 2 * EthDevConfig.DEFAULT_DESCRIPTORS;

    private final EthPortConfig config;
    private final EthDev ethDev;
    private final MbufPool pool;
    private Optional<TwinTap> tap = Optional.empty();
    private Optional<XdpFilter> filter = Optional.empty();
    /** The kernel's interfaces that it stands and falls with, and their numbers when it was started. */
    private final Map<String, Integer> interfaces = new LinkedHashMap<>();

    private EthPort(EthPortConfig config, EthDev ethDev, MbufPool pool) {
        this.config = config;
        this.ethDev = ethDev;
        this.pool = pool;
    }

    /** Sets all up; nothing is received before {@link #start}. {@code number}: its place among the ethPorts. */
    static EthPort open(Eal eal, int number, EthPortConfig config, DataplaneConfig dataplane) {
        interfaceOf(config).ifPresent(XdpFilter::removeLeftOver);
        // before the NIC: net_af_xdp (22.11) cannot have an interface a second time in one process, its sockets stay
        // open
        config.kernelInterface().map(KernelInterface::name).ifPresent(TwinTap::requireNew);
        EthDev ethDev = eal.attach(config.xdpFilter() ? XdpFilter.deviceWithFilter(config.device()) : config.device());
        EthPort ethPort;
        try {
            int dataRoom = HEADROOM_BYTES + Math.max(DATA_ROOM_MIN_BYTES, dataplane.mtuBytes() + LINK_HEADER_BYTES);
            int mbufs = mbufCount(dataplane);
            MbufPool pool = MbufPool.create(
                    "ethPort" + ethDev.ethPortId(),
                    mbufs,
                    dataRoom,
                    ethDev.info().socketId());
            ethPort = new EthPort(config, ethDev, pool);
        } catch (Throwable e) {
            ethDev.close();
            throw e;
        }
        try {
            ethPort.configure(eal, number, dataplane);
            return ethPort;
        } catch (Throwable e) {
            ethPort.close();
            throw e;
        }
    }

    /** {@return 2^n - 1, which DPDK's ring-based pools waste least with, and enough for every queue} */
    private static int mbufCount(DataplaneConfig dataplane) {
        int perWorker = MBUFS_PER_QUEUE + dataplane.fragments().heldPackets();
        return 2 * Integer.highestOneBit(dataplane.workers() * perWorker) - 1;
    }

    /** {@return the kernel's interface under the device, if it has one} */
    static Optional<String> interfaceOf(EthPortConfig config) {
        return XdpFilter.interfaceOf(config.device());
    }

    private void configure(Eal eal, int number, DataplaneConfig dataplane) {
        EthDevSettings settings =
                ethDev.configure(EthDevConfig.forWorkers(dataplane.workers(), dataplane.mtuBytes(), pool));
        if (config.xdpFilter()) {
            filter = Optional.of(XdpFilter.on(interfaceOf(config).orElseThrow()));
        }
        if (config.kernelInterface().isPresent()) {
            openTap(eal, number, dataplane);
        }
        if (settings.rxQueues() > 1 && settings.rssHashFunctions() == 0) {
            LOG.warn(
                    "ethPort {}: {} lets DPDK set no RSS: what feeds {} decides which of the {} workers gets a packet",
                    config.name(),
                    ethDev.info().driverName(),
                    ethDev.device(),
                    settings.rxQueues());
        }
    }

    /** Receives from now on, on both sides. */
    void start() {
        ethDev.start();
        interfaceOf(config).ifPresent(this::remember);
        startTap();
    }

    private void openTap(Eal eal, int number, DataplaneConfig dataplane) {
        tap = Optional.of(TwinTap.attach(eal, number, config, macAddress(), dataplane, pool));
    }

    private void startTap() {
        tap.ifPresent(TwinTap::start);
        config.kernelInterface().map(KernelInterface::name).ifPresent(this::remember);
    }

    /** Gives the twin tap back, which somebody has removed, and keeps the NIC; no worker may have the queues any more. */
    void closeTap() {
        Optional<TwinTap> gone = tap;
        tap = Optional.empty();
        config.kernelInterface().map(KernelInterface::name).ifPresent(interfaces::remove);
        gone.ifPresent(TwinTap::close);
    }

    /** Has the twin tap again, started. */
    void reopenTap(Eal eal, int number, DataplaneConfig dataplane) {
        openTap(eal, number, dataplane);
        try {
            startTap();
        } catch (Throwable e) {
            closeTap();
            throw e;
        }
    }

    /** {@return whether that interface is its twin tap} */
    boolean hasTap(String name) {
        return config.kernelInterface()
                .map(KernelInterface::name)
                .filter(name::equals)
                .isPresent();
    }

    /** {@return whether nothing of it is missing} */
    boolean isWhole() {
        return tap.isPresent() == config.kernelInterface().isPresent();
    }

    private void remember(String name) {
        InterfaceState.of(name).ifPresent(state -> interfaces.put(name, state.index()));
    }

    /** {@return which of the kernel's interfaces is no longer the one that it was started with} */
    Optional<String> lostInterface() {
        return interfaces.entrySet().stream()
                .filter(each -> InterfaceState.of(each.getKey())
                        .filter(state -> state.index() == each.getValue())
                        .isEmpty())
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** {@return whether the device's link is up, and the interface under it; not the twin tap, which an operator may set down} */
    boolean isLinkUp() {
        return ethDev.link().up()
                && interfaceOf(config)
                        .flatMap(InterfaceState::of)
                        .map(InterfaceState::running)
                        .orElse(true);
    }

    /** {@return the queues of one worker} */
    WorkerEthPort queues(int worker) {
        RxQueue rxQueue = ethDev.rxQueue(worker);
        TxQueue txQueue = ethDev.txQueue(worker);
        return tap.map(twin -> WorkerEthPort.of(rxQueue, txQueue, pool, twin.side(worker)))
                .orElseGet(() -> new WorkerEthPort(rxQueue, txQueue, null, pool));
    }

    /** Has the XDP filter, if there is one, hand over what is for these addresses, and nothing else. */
    void show(Map<IpAddress, XdpFilter.Use> addresses) {
        filter.ifPresent(shown -> shown.show(addresses));
    }

    EthDev ethDev() {
        return ethDev;
    }

    MbufPool pool() {
        return pool;
    }

    MacAddress macAddress() {
        long value = 0;
        for (byte b : ethDev.macAddress()) {
            value = (value << Byte.SIZE) | (b & 0xff);
        }
        return new MacAddress(value);
    }

    /** {@return one line for the log} */
    String description() {
        return "ethPort " + config.name() + ": " + ethDev.device() + ", driver "
                + ethDev.info().driverName() + ", MAC " + macAddress()
                + tap.map(twin -> ", " + twin.description()).orElse("");
    }

    /** Gives all back, whatever of it fails; no worker may have its queues any more. */
    @Override
    public void close() {
        try (pool;
                ethDev) { // closed in the opposite order, after the tap
            tap.ifPresent(TwinTap::close);
        }
    }
}
