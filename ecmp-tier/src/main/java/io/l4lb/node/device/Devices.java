package io.l4lb.node.device;

import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.EthPortConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.OuterSourceConfig;
import io.l4lb.dpdk.MbufRelease;
import io.l4lb.dpdk.eal.Eal;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import io.l4lb.node.kernel.XdpFilter;
import io.l4lb.worker.WorkerEthPort;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The node's ethPorts, each there or, when its interface has vanished, not. Any cold thread. */
public final class Devices implements AutoCloseable {
    private final Eal eal;
    private final DataplaneConfig dataplane;
    /** By ethPort; empty: its interface has vanished. */
    private final List<Optional<EthPort>> ethPorts = new ArrayList<>();
    /** By ethPort, also of one that has vanished. */
    private final List<MacAddress> macAddresses = new ArrayList<>();

    private final MbufRelease release;
    private Map<IpAddress, XdpFilter.Use> shown = Map.of();

    private Devices(Eal eal, DataplaneConfig dataplane) {
        this.eal = eal;
        this.dataplane = dataplane;
        try {
            for (EthPortConfig config : dataplane.ethPorts()) {
                EthPort ethPort = EthPort.open(eal, ethPorts.size(), config, dataplane);
                ethPorts.add(Optional.of(ethPort));
                macAddresses.add(ethPort.macAddress());
            }
        } catch (Throwable e) {
            close();
            throw e;
        }
        // each mbuf finds the way to its own pool: this one serves when it has long been closed, too
        release = ethPorts.getFirst().orElseThrow().pool();
    }

    /** Starts the EAL and sets all devices up; they receive from {@link #start} on. */
    public static Devices open(DataplaneConfig dataplane) {
        List<String> names =
                dataplane.ethPorts().stream().map(EthPortConfig::device).toList();
        return new Devices(Eal.start(dataplane.eal(), names), dataplane);
    }

    public Eal eal() {
        return eal;
    }

    public synchronized void start() {
        ethPorts.forEach(ethPort -> ethPort.ifPresent(EthPort::start));
    }

    /** {@return the ethPort, if its interface has not vanished} */
    synchronized Optional<EthPort> ethPort(int number) {
        return ethPorts.get(number);
    }

    /** Gives what belongs to an interface back that has vanished; no worker may have the ethPort's queues any more. */
    synchronized void detach(int number, String interfaceName) {
        EthPort ethPort = ethPorts.get(number).orElseThrow();
        if (ethPort.hasTap(interfaceName)) {
            ethPort.closeTap();
        } else {
            ethPorts.set(number, Optional.empty());
            ethPort.close();
        }
    }

    /** {@return whether nothing of an ethPort is missing} */
    synchronized boolean isWhole(int number) {
        return ethPorts.get(number).filter(EthPort::isWhole).isPresent();
    }

    /** Has again what is missing of an ethPort; it receives when this returns. */
    synchronized EthPort attach(int number) {
        Optional<EthPort> withoutTap = ethPorts.get(number);
        if (withoutTap.isPresent()) {
            withoutTap.get().reopenTap(eal, number, dataplane);
            return withoutTap.get();
        }
        EthPort ethPort = EthPort.open(eal, number, dataplane.ethPorts().get(number), dataplane);
        try {
            ethPort.show(shown);
            ethPort.start();
            macAddresses.set(number, ethPort.macAddress());
            ethPorts.set(number, Optional.of(ethPort));
            return ethPort;
        } catch (Throwable e) {
            ethPort.close();
            throw e;
        }
    }

    /** {@return whether the kernel reaches its neighbours only through the workers} */
    public boolean haveTwinTaps() {
        return dataplane.ethPorts().stream()
                .anyMatch(config -> config.kernelInterface().isPresent());
    }

    /** Has the XDP filters hand over what is for this configuration's addresses, and nothing else. */
    public synchronized void show(L4lbConfig config) {
        shown = addresses(config);
        ethPorts.forEach(ethPort -> ethPort.ifPresent(there -> there.show(shown)));
    }

    /** Has the XDP filters hand over no more than what is for these; what they do not hand over yet comes later. */
    public synchronized void hide(L4lbConfig config) {
        Map<IpAddress, XdpFilter.Use> left = new HashMap<>(shown);
        left.entrySet().retainAll(addresses(config).entrySet());
        shown = left;
        ethPorts.forEach(ethPort -> ethPort.ifPresent(there -> there.show(shown)));
    }

    private static Map<IpAddress, XdpFilter.Use> addresses(L4lbConfig config) {
        Map<IpAddress, XdpFilter.Use> addresses = new HashMap<>();
        OuterSourceConfig outerSource = config.dataplane().outerSource();
        Stream.of(outerSource.ipv4(), outerSource.ipv6())
                .flatMap(Optional::stream)
                .forEach(address -> addresses.put(address, XdpFilter.Use.OUTER_SOURCE));
        config.vips().forEach(vip -> addresses.put(vip.address(), XdpFilter.Use.VIP));
        return addresses;
    }

    public synchronized List<MacAddress> macAddresses() {
        return List.copyOf(macAddresses);
    }

    /** {@return the queues of one worker on every ethPort} */
    public synchronized List<WorkerEthPort> queues(int worker) {
        return ethPorts.stream()
                .map(ethPort -> ethPort.map(there -> there.queues(worker)).orElse(WorkerEthPort.ABSENT))
                .toList();
    }

    /** {@return where any worker's dropped mbufs go} */
    public MbufRelease release() {
        return release;
    }

    public String version() {
        return eal.version();
    }

    /** {@return one line an ethPort, for the log} */
    public synchronized List<String> descriptions() {
        return ethPorts.stream()
                .flatMap(Optional::stream)
                .map(EthPort::description)
                .toList();
    }

    /** Stops and closes the devices, then the EAL; no worker may poll any more. */
    @Override
    public synchronized void close() {
        eal.close();
        ethPorts.forEach(ethPort -> ethPort.ifPresent(there -> there.pool().close()));
    }
}
