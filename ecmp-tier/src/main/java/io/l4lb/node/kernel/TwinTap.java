package io.l4lb.node.kernel;

import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.EthPortConfig;
import io.l4lb.config.EthPortConfig.KernelInterface;
import io.l4lb.dpdk.MbufPool;
import io.l4lb.dpdk.eal.Eal;
import io.l4lb.dpdk.ethdev.EthDev;
import io.l4lb.dpdk.ethdev.EthDevConfig;
import io.l4lb.net.IpAddress;
import io.l4lb.net.IpPrefix;
import io.l4lb.net.MacAddress;
import io.l4lb.punt.KernelSide;
import io.l4lb.punt.PuntLimit;
import java.util.ArrayList;
import java.util.List;

/**
 * The interface by which the kernel uses an ethPort that DPDK owns: DPDK's net_tap with the NIC's MAC address, one pair of
 * queues a worker. It vanishes with the process, however that ends. Control thread.
 */
public final class TwinTap {
    /** net_tap fills as many mbufs in advance; it uses one at a time. */
    private static final int DESCRIPTORS = 64;

    /** What net_tap complains of where the kernel lacks the multiq qdisc, or /sys/fs/bpf: it does without them. */
    private static final List<String> HARMLESS =
            List.of("multiq qdisc", "rte flow support", "tap_nl_dump_ext_ack", "bpffs");

    private final KernelInterface settings;
    private final EthDev ethDev;
    private final int puntPacketsPerSecond;

    private TwinTap(KernelInterface settings, EthDev ethDev, int puntPacketsPerSecond) {
        this.settings = settings;
        this.ethDev = ethDev;
        this.puntPacketsPerSecond = puntPacketsPerSecond;
    }

    /**
     * Makes the interface; it is not up yet.
     *
     * @param number of the ethPort, for DPDK's name
     * @param mac of the NIC
     * @param pool of the NIC: what the kernel sends leaves by the NIC, whose driver may free without looking whose it is
     */
    public static TwinTap attach(
            Eal eal, int number, EthPortConfig ethPort, MacAddress mac, DataplaneConfig dataplane, MbufPool pool) {
        KernelInterface settings = ethPort.kernelInterface().orElseThrow();
        requireNew(settings.name());
        EthDev ethDev = eal.attach("net_tap_l4lb" + number + ",iface=" + settings.name() + ",mac=" + mac);
        int workers = dataplane.workers();
        ethDev.configure(
                new EthDevConfig(workers, workers, DESCRIPTORS, DESCRIPTORS, dataplane.mtuBytes(), false, pool));
        return new TwinTap(settings, ethDev, dataplane.puntPacketsPerSecond());
    }

    /** Fails when there is such an interface: DPDK would take over an interface that somebody else has made, or give the tap another name. */
    public static void requireNew(String name) {
        if (SystemTool.run("ip", "link", "show", "dev", name).exitCode() == 0) {
            throw new KernelException("dataplane.ethPorts: kernelInterface " + name
                    + " exists already; stop what has made it, or give the node's another name");
        }
    }

    /** Sets the interface up, with its addresses and routes. Before the workers poll: the kernel's first packets wait. */
    public void start() {
        ethDev.start();
        List<String> lines = new ArrayList<>();
        for (IpPrefix address : settings.addresses()) {
            // an address given in a configuration need not be asked for, and BGP need not wait for that
            lines.add("address add " + address + " dev " + settings.name()
                    + (address.address().ipv6() ? " nodad" : ""));
        }
        lines.add("link set dev " + settings.name() + " up");
        for (IpAddress gateway : settings.gateways()) {
            lines.add("route add default via " + gateway + " dev " + settings.name());
        }
        SystemTool.run(List.of("ip", "-batch", "-"), lines)
                .orThrow("kernelInterface " + settings.name() + " cannot be set up as configured");
    }

    /** {@return the queues of one worker, with a limit of its own} */
    public KernelSide side(int worker) {
        return new KernelSide(
                ethDev.rxQueue(worker), ethDev.txQueue(worker), new PuntLimit(puntPacketsPerSecond, System.nanoTime()));
    }

    /** Removes the interface; no worker may have its queues any more. */
    public void close() {
        ethDev.close();
    }

    /** {@return whether a line of DPDK's log tells of something that a twin tap and a filter do not need} */
    public static boolean isHarmless(String text) {
        return HARMLESS.stream().anyMatch(text::contains);
    }

    /** {@return what the log says of it} */
    public String description() {
        return "kernel interface " + settings.name()
                + (settings.addresses().isEmpty() ? "" : " with " + settings.addresses());
    }
}
