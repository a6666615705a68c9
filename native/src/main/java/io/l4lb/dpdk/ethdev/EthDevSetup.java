package io.l4lb.dpdk.ethdev;

import static io.l4lb.dpdk.binding.ColdCall.INT32;
import static io.l4lb.dpdk.binding.ColdCall.POINTER;
import static io.l4lb.dpdk.binding.ColdCall.UINT16;

import io.l4lb.dpdk.binding.ColdCall;
import io.l4lb.dpdk.binding.DpdkException;
import io.l4lb.dpdk.binding.DpdkLog;
import io.l4lb.dpdk.binding.ShimLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Brings a stopped device to an {@link EthDevConfig}: queues, RSS, ring lengths, MTU, promiscuity, in the order in
 * which DPDK wants them. Checks first what DPDK would refuse with less telling words.
 */
final class EthDevSetup {
    private static final int ENOTSUP = 95;

    private static final ColdCall CONFIGURE =
            ColdCall.returningInt("rte_eth_dev_configure", UINT16, UINT16, UINT16, POINTER);
    private static final ColdCall ADJUST =
            ColdCall.returningInt("rte_eth_dev_adjust_nb_rx_tx_desc", UINT16, POINTER, POINTER);
    private static final ColdCall RX_QUEUE =
            ColdCall.returningInt("rte_eth_rx_queue_setup", UINT16, UINT16, UINT16, INT32, POINTER, POINTER);
    private static final ColdCall TX_QUEUE =
            ColdCall.returningInt("rte_eth_tx_queue_setup", UINT16, UINT16, UINT16, INT32, POINTER);
    private static final ColdCall SET_MTU = ColdCall.returningInt("rte_eth_dev_set_mtu", UINT16, UINT16);
    private static final ColdCall PROMISCUOUS = ColdCall.returningInt("rte_eth_promiscuous_enable", UINT16);

    private final int ethPortId;
    private final String device;
    private final EthDevInfo info;

    EthDevSetup(int ethPortId, String device, EthDevInfo info) {
        this.ethPortId = ethPortId;
        this.device = device;
        this.info = info;
    }

    /** Applies {@code wanted} and {@return what the device got: ring lengths clamped, RSS as far as it has it} */
    EthDevSettings apply(EthDevConfig wanted) {
        checkQueues("rx", wanted.rxQueues(), info.maxRxQueues());
        checkQueues("tx", wanted.txQueues(), info.maxTxQueues());
        checkMtu(wanted.mtuBytes());
        try (Arena arena = Arena.ofConfined()) {
            long rss = wanted.rxQueues() > 1 ? rssWanted() & info.rssCapabilities() : 0;
            configure(wanted, rss, arena);
            EthDevSettings settings = settings(wanted, rss, arena);
            setUpQueues(wanted, settings);
            if (wanted.mtuBytes() != 0) {
                setMtu(wanted.mtuBytes());
            }
            if (wanted.promiscuous()) {
                ignoringUnsupported("cannot make " + device + " promiscuous", PROMISCUOUS, ethPortId);
            }
            return settings;
        }
    }

    /** TCP and UDP by the 5-tuple; IP covers fragments and all the rest by their addresses. */
    private static long rssWanted() {
        return ShimLayout.value("RTE_ETH_RSS_IP")
                | ShimLayout.value("RTE_ETH_RSS_TCP")
                | ShimLayout.value("RTE_ETH_RSS_UDP");
    }

    private void checkQueues(String direction, int wanted, int available) {
        if (wanted > available) {
            throw new DpdkException(
                    "cannot configure " + device,
                    wanted + " " + direction + " queues wanted, " + info.driverName() + " has " + available,
                    List.of(),
                    "set dataplane.workers to at most " + available + " (one " + direction + " queue each)");
        }
    }

    private void checkMtu(int mtuBytes) {
        if (mtuBytes != 0 && (mtuBytes < info.minMtuBytes() || mtuBytes > info.maxMtuBytes())) {
            throw mtuRefused(mtuBytes, "the device takes " + info.minMtuBytes() + " to " + info.maxMtuBytes());
        }
    }

    private DpdkException mtuRefused(int mtuBytes, String reason) {
        return new DpdkException(
                "cannot set the MTU of " + device + " to " + mtuBytes, reason, List.of(), "change dataplane.mtuBytes");
    }

    private void configure(EthDevConfig wanted, long rss, Arena arena) {
        DpdkStruct conf = DpdkStruct.allocate("rte_eth_conf", arena);
        conf.putInt("rxmode.mtu", wanted.mtuBytes());
        if (rss != 0) {
            conf.putInt("rxmode.mq_mode", (int) ShimLayout.value("RTE_ETH_MQ_RX_RSS"));
            conf.putLong("rx_adv_conf.rss_conf.rss_hf", rss);
        }
        // The one offload that serves a balancer: the driver frees what it has sent without looking whose it is. Sound
        // because an ethPort sends only what it received, or what its twin tap and its outer fragments have from the
        // same pool. Checksums: outer ones are cheaper than their descriptors.
        conf.putLong("txmode.offloads", info.txOffloads() & ShimLayout.value("RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE"));
        long logPosition = DpdkLog.position();
        DpdkException.check(
                "cannot configure " + device,
                CONFIGURE.toInt(ethPortId, wanted.rxQueues(), wanted.txQueues(), conf.address()),
                logPosition);
    }

    private EthDevSettings settings(EthDevConfig wanted, long rss, Arena arena) {
        MemorySegment rx = arena.allocateFrom(ValueLayout.JAVA_SHORT, (short) wanted.rxDescriptors());
        MemorySegment tx = arena.allocateFrom(ValueLayout.JAVA_SHORT, (short) wanted.txDescriptors());
        long logPosition = DpdkLog.position();
        DpdkException.check(
                "cannot fit the ring lengths of " + device,
                ADJUST.toInt(ethPortId, rx.address(), tx.address()),
                logPosition);
        return new EthDevSettings(
                wanted.rxQueues(),
                wanted.txQueues(),
                rx.get(ValueLayout.JAVA_SHORT, 0) & 0xffff,
                tx.get(ValueLayout.JAVA_SHORT, 0) & 0xffff,
                rss);
    }

    private void setUpQueues(EthDevConfig wanted, EthDevSettings settings) {
        long logPosition = DpdkLog.position();
        long pool = wanted.rxPool().address();
        int socketId = info.socketId();
        for (int i = 0; i < settings.rxQueues(); i++) {
            int result = RX_QUEUE.toInt(ethPortId, i, settings.rxDescriptors(), socketId, 0L, pool);
            DpdkException.check("cannot set up rx queue " + i + " of " + device, result, logPosition);
        }
        for (int i = 0; i < settings.txQueues(); i++) {
            int result = TX_QUEUE.toInt(ethPortId, i, settings.txDescriptors(), socketId, 0L);
            DpdkException.check("cannot set up tx queue " + i + " of " + device, result, logPosition);
        }
    }

    /** rte_eth_dev_configure knows the MTU already, but only this call reaches the interface under net_af_xdp. */
    private void setMtu(int mtuBytes) {
        ignoringUnsupported("cannot set the MTU of " + device + " to " + mtuBytes, SET_MTU, ethPortId, mtuBytes);
    }

    /** A driver that lacks the feature (net_pcap has no MTU, net_null no promiscuity) is good enough as it is. */
    private static void ignoringUnsupported(String what, ColdCall call, Object... arguments) {
        long logPosition = DpdkLog.position();
        int result = call.toInt(arguments);
        if (result != -ENOTSUP) {
            DpdkException.check(what, result, logPosition);
        }
    }
}
