package io.l4lb.node.device;

import io.l4lb.config.EthPortConfig;
import io.l4lb.dpdk.ethdev.EthStats;
import io.l4lb.dpdk.tun.InterfaceState;
import io.l4lb.dpdk.tun.TunException;
import io.l4lb.worker.WorkerEthPort;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of links that go up or down and of packets that a device lost before a worker saw them, and mends what it can: a
 * device whose interface has vanished is given back, and had again when there is such an interface again.
 *
 * <pre>
 * up ⇄ link down
 *  └──┴──► interface gone: workers let go of its queues, device closed ──► there again: attached, workers poll it ──► up
 * </pre>
 *
 * <p>Control thread; {@link #status} any thread.
 */
public final class EthPortWatch {
    private static final Logger LOG = LoggerFactory.getLogger(EthPortWatch.class);
    private static final String UP = "up";
    private static final String LINK_DOWN = "link down";

    /** The workers, as this class sees them. */
    public interface EthPortUsers {
        /** Has all workers poll these queues for an ethPort, one each. {@return whether they do} Waits for that, within bounds. */
        boolean use(int ethPort, IntFunction<WorkerEthPort> queuesOfWorker);
    }

    private final Devices devices;
    private final List<EthPortConfig> configs;
    private final EthPortUsers workers;
    private final Consumer<Optional<String>> trouble;
    private final Runnable changed;
    private final String[] states;
    private final long[] lost;
    /** Whether the workers have the queues of the device that is there now. */
    private final boolean[] polled;

    /**
     * @param trouble told when no ethPort is up, why, and with nothing when one is again
     * @param changed run when a device is another one: its MAC address may be another, too
     */
    public EthPortWatch(
            Devices devices,
            List<EthPortConfig> configs,
            EthPortUsers workers,
            Consumer<Optional<String>> trouble,
            Runnable changed) {
        this.devices = devices;
        this.configs = List.copyOf(configs);
        this.workers = workers;
        this.trouble = trouble;
        this.changed = changed;
        this.states = Stream.generate(() -> "").limit(configs.size()).toArray(String[]::new);
        this.polled = new boolean[configs.size()];
        Arrays.fill(polled, true);
        this.lost = new long[configs.size()];
    }

    /** Looks at links and interfaces, some microseconds each; lets go of what has vanished. */
    public void look() {
        for (int i = 0; i < states.length; i++) {
            int number = i;
            if (polled[number]) {
                devices.ethPort(number).ifPresent(ethPort -> look(number, ethPort));
            }
        }
    }

    private void look(int number, EthPort ethPort) {
        try {
            Optional<String> gone = ethPort.lostInterface();
            if (gone.isPresent()) {
                detach(number, gone.get());
            } else {
                become(number, ethPort.isLinkUp() ? UP : LINK_DOWN);
            }
        } catch (TunException e) {
            LOG.debug("looked at again soon", e);
        }
    }

    private void detach(int number, String interfaceName) {
        become(number, gone(interfaceName));
        if (!workers.use(number, _ -> WorkerEthPort.ABSENT)) {
            return; // a worker that stands still may be in the driver: tried again at the next look
        }
        polled[number] = false;
        giveBack(number, interfaceName);
    }

    private void giveBack(int number, String interfaceName) {
        try {
            devices.detach(number, interfaceName);
        } catch (RuntimeException e) {
            LOG.warn("ethPort {}: {}", name(number), e.getMessage()); // it is given up whatever the driver says to that
        }
    }

    /** Tries to have again what has vanished. */
    public void attach() {
        for (int i = 0; i < states.length; i++) {
            try {
                if (!polled[i] && isThere(i)) {
                    attach(i);
                    hand(i);
                }
            } catch (RuntimeException e) { // not as it has to be, or not yet
                become(i, "cannot be attached again: " + firstLine(e) + "; if that goes on, restart the node");
            }
        }
    }

    private void attach(int number) {
        devices.ethPort(number)
                .flatMap(EthPort::lostInterface)
                .ifPresent(name -> giveBack(number, name)); // the NIC, when the tap had gone before
        if (!devices.isWhole(number)) {
            LOG.info("attached again: {}", devices.attach(number).description());
            lost[number] = 0;
        }
    }

    private boolean isThere(int number) {
        Optional<String> name = EthPort.interfaceOf(configs.get(number));
        boolean there = name.isEmpty() || InterfaceState.of(name.get()).isPresent();
        if (!there) {
            become(number, gone(name.get()));
        }
        return there;
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private static String gone(String interfaceName) {
        return "interface " + interfaceName + " is gone";
    }

    /** A worker that has been told may take it at any time: the device stays, and the others are told again. */
    private void hand(int number) {
        EthPort ethPort = devices.ethPort(number).orElseThrow();
        polled[number] = workers.use(number, ethPort::queues);
        if (polled[number]) {
            changed.run();
            look(number, ethPort);
        } else {
            become(number, "attached again, but a worker stands still and does not poll it");
        }
    }

    private void become(int number, String state) {
        synchronized (states) {
            if (states[number].equals(state)) {
                return;
            }
            states[number] = state;
        }
        if (state.equals(UP)) {
            LOG.info("ethPort {}: link up", name(number));
        } else {
            LOG.warn("ethPort {}: {}", name(number), state);
        }
        trouble.accept(trouble());
    }

    /** {@return why no ethPort is up} While one is, what comes by it leaves by it. */
    private Optional<String> trouble() {
        synchronized (states) {
            List<String> reasons = new ArrayList<>();
            for (int i = 0; i < states.length; i++) {
                if (states[i].equals(UP)) {
                    return Optional.empty();
                }
                reasons.add("ethPort " + name(i) + ": " + states[i]);
            }
            return Optional.of(String.join(", ", reasons));
        }
    }

    /** {@return the state of each ethPort, by name} */
    public Map<String, Object> status() {
        synchronized (states) {
            Map<String, Object> document = new LinkedHashMap<>();
            for (int i = 0; i < states.length; i++) {
                document.put(name(i), states[i]);
            }
            return document;
        }
    }

    private String name(int number) {
        return configs.get(number).name();
    }

    /** Logs what devices have lost since the last call. */
    public void report() {
        for (int i = 0; i < states.length; i++) {
            int number = i;
            devices.ethPort(i)
                    .ifPresent(ethPort -> report(number, ethPort.ethDev().stats()));
        }
    }

    private void report(int number, EthStats stats) {
        long nowLost = stats.rxMissed() + stats.rxNoMbuf() + stats.rxErrors() + stats.txErrors();
        if (nowLost > lost[number]) {
            LOG.warn(
                    "ethPort {}: the device lost {} packets since start: {} missed (RX ring full: a worker too slow), {}"
                            + " without an mbuf, {} RX errors, {} TX errors",
                    name(number),
                    nowLost,
                    stats.rxMissed(),
                    stats.rxNoMbuf(),
                    stats.rxErrors(),
                    stats.txErrors());
            lost[number] = nowLost;
        }
    }
}
