package io.l4lb.dpdk.ethdev;

import static io.l4lb.dpdk.binding.ColdCall.POINTER;
import static io.l4lb.dpdk.binding.ColdCall.UINT16;

import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;
import io.l4lb.dpdk.binding.ColdCall;
import io.l4lb.dpdk.binding.DpdkException;
import io.l4lb.dpdk.binding.DpdkLog;
import io.l4lb.dpdk.binding.EalState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/**
 * One Ethernet device: configure, start, hand out queues, stop, close. In this order, by one cold thread at a time;
 * before stop and close no worker may poll its queues any more. {@code Eal.close} closes what is still open.
 */
public final class EthDev implements AutoCloseable {
    private static final int MAC_BYTES = 6;

    private static final ColdCall START = ColdCall.returningInt("rte_eth_dev_start", UINT16);
    private static final ColdCall STOP = ColdCall.returningInt("rte_eth_dev_stop", UINT16);
    private static final ColdCall CLOSE = ColdCall.returningInt("rte_eth_dev_close", UINT16);
    private static final ColdCall PROMISCUOUS_OFF = ColdCall.returningInt("rte_eth_promiscuous_disable", UINT16);
    private static final ColdCall REMOVE = ColdCall.returningInt("rte_dev_remove", POINTER);
    private static final ColdCall GET_MAC = ColdCall.returningInt("rte_eth_macaddr_get", UINT16, POINTER);

    private final int ethPortId;
    private final String device;
    private final EthDevInfo info;
    private final long deviceAddress;
    private Optional<EthDevSettings> settings = Optional.empty();
    private boolean started;
    private boolean closed;

    /**
     * Wraps a device that DPDK knows already; {@code Eal.attach} is the usual way to get one.
     *
     * @param device as the configuration names it, for messages
     */
    public EthDev(int ethPortId, String device) {
        this.ethPortId = ethPortId;
        this.device = device;
        this.info = EthDevInfo.read(ethPortId);
        this.deviceAddress = EthDevInfo.deviceAddress(ethPortId);
    }

    /** {@return DPDK's number for this device} */
    public int ethPortId() {
        return ethPortId;
    }

    /** {@return the device as the configuration names it} */
    public String device() {
        return device;
    }

    /** {@return what the device can do} */
    public EthDevInfo info() {
        return info;
    }

    /**
     * Sets the device up; it must be stopped.
     *
     * @return what it was set to
     * @throws DpdkException when it has not that many queues, refuses the MTU, or DPDK fails
     */
    public synchronized EthDevSettings configure(EthDevConfig config) {
        require("cannot configure " + device);
        EthDevSettings applied = new EthDevSetup(ethPortId, device, info).apply(config);
        settings = Optional.of(applied);
        return applied;
    }

    /** Starts receiving and sending. */
    public synchronized void start() {
        require("cannot start " + device);
        call("cannot start " + device, START);
        started = true;
    }

    /** Stops receiving and sending; nothing happens when it is stopped. */
    public synchronized void stop() {
        if (started && EalState.isRunning()) {
            started = false;
            call("cannot stop " + device, STOP);
        }
    }

    /** Stops, closes and detaches the device, which takes its XDP program off the interface; idempotent. */
    @Override
    public synchronized void close() {
        if (closed || !EalState.isRunning()) {
            return;
        }
        try {
            stop();
        } finally {
            closed = true;
            int _ = PROMISCUOUS_OFF.toInt(ethPortId); // or the interface under net_af_xdp stays promiscuous
            call("cannot close " + device, CLOSE);
            long logPosition = DpdkLog.position();
            DpdkException.check("cannot detach " + device, REMOVE.toInt(deviceAddress), logPosition);
        }
    }

    /** {@return whether it has been closed} */
    public synchronized boolean isClosed() {
        return closed;
    }

    /** {@return the queue; the device must be configured with more than {@code index} of them} */
    public synchronized RxQueue rxQueue(int index) {
        checkQueue("rx", index, settings.map(EthDevSettings::rxQueues).orElse(0));
        return new EthRxQueue(ethPortId, index);
    }

    /** {@return the queue; the device must be configured with more than {@code index} of them} */
    public synchronized TxQueue txQueue(int index) {
        checkQueue("tx", index, settings.map(EthDevSettings::txQueues).orElse(0));
        return new EthTxQueue(ethPortId, index);
    }

    /** {@return its 6 bytes of MAC address} */
    public synchronized byte[] macAddress() {
        require("cannot read the MAC address of " + device);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mac = arena.allocate(MAC_BYTES);
            long logPosition = DpdkLog.position();
            DpdkException.check(
                    "cannot read the MAC address of " + device, GET_MAC.toInt(ethPortId, mac.address()), logPosition);
            return mac.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** {@return the state of the link, without waiting for it to come up} */
    public synchronized EthLink link() {
        require("cannot read the link state of " + device);
        return EthLink.read(ethPortId);
    }

    /** {@return the device's counters} */
    public synchronized EthStats stats() {
        require("cannot read the counters of " + device);
        return EthStats.read(ethPortId);
    }

    private void call(String what, ColdCall call) {
        long logPosition = DpdkLog.position();
        DpdkException.check(what, call.toInt(ethPortId), logPosition);
    }

    private void require(String what) {
        EalState.require(what);
        if (closed) {
            throw new DpdkException(what, "it is closed", List.of(), "");
        }
    }

    private void checkQueue(String direction, int index, int count) {
        if (index < 0 || index >= count) {
            throw new IndexOutOfBoundsException(
                    direction + " queue " + index + " of " + device + ", which is configured with " + count);
        }
    }
}
