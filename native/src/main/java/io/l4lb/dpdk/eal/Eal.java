package io.l4lb.dpdk.eal;

import static io.l4lb.dpdk.binding.ColdCall.INT32;
import static io.l4lb.dpdk.binding.ColdCall.POINTER;

import io.l4lb.dpdk.binding.ColdCall;
import io.l4lb.dpdk.binding.DpdkException;
import io.l4lb.dpdk.binding.DpdkLog;
import io.l4lb.dpdk.binding.EalState;
import io.l4lb.dpdk.binding.ShimLayout;
import io.l4lb.dpdk.ethdev.EthDev;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * DPDK's environment abstraction layer. Starts once per process; a second start gets an error, also after close.
 *
 * <p>All of it runs on one thread of its own: rte_eal_init binds the thread that calls it to an lcore's CPU, and the
 * JVM's threads must keep their affinity. Cold; any thread may call.
 */
public final class Eal implements AutoCloseable {
    private static final ColdCall INIT = ColdCall.returningInt("rte_eal_init", INT32, POINTER);
    private static final ColdCall CLEANUP = ColdCall.returningInt("rte_eal_cleanup");
    private static final ColdCall VERSION = ColdCall.returningLong("rte_version");
    private static final ColdCall PROBE = ColdCall.returningInt("rte_dev_probe", POINTER);
    private static final ColdCall BY_NAME = ColdCall.returningInt("rte_eth_dev_get_port_by_name", POINTER, POINTER);

    private final ExecutorService thread;
    private final List<EthDev> attached = new ArrayList<>();
    private boolean closed;

    private Eal(ExecutorService thread) {
        this.thread = thread;
    }

    /** Starts without PCI devices. */
    public static Eal start(List<String> arguments) {
        return start(arguments, List.of());
    }

    /**
     * Starts the EAL.
     *
     * @param arguments the user's EAL arguments, passed on as they are
     * @param devices all devices of the configuration; only PCI addresses matter here, they alone are probed
     * @throws DpdkException with DPDK's text when the EAL does not start, or when the shim does not fit
     */
    public static synchronized Eal start(List<String> arguments, List<String> devices) {
        LayoutCheck.check();
        devices.stream().map(DeviceName::parse).forEach(DeviceName::requireNotTheKernels);
        List<String> argv =
                EalArguments.complete(arguments, devices, AllowedCpus.read().nextSetBit(0));
        ExecutorService thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("eal").factory());
        try {
            run(thread, () -> initialise(argv));
        } catch (RuntimeException e) {
            thread.shutdown();
            throw e;
        }
        return new Eal(thread);
    }

    private static Void initialise(List<String> argv) {
        DpdkLog.open();
        long logPosition = DpdkLog.position();
        MemorySegment pointers = Arena.global().allocate(ValueLayout.JAVA_LONG, argv.size() + 1L);
        for (int i = 0; i < argv.size(); i++) {
            long text = Arena.global().allocateFrom(argv.get(i)).address();
            pointers.setAtIndex(ValueLayout.JAVA_LONG, i, text);
        }
        int result = INIT.toInt(argv.size(), pointers.address());
        DpdkException.check(
                "cannot start DPDK's EAL with " + String.join(" ", argv.subList(1, argv.size())), result, logPosition);
        DpdkLog.captureBpf();
        EalState.running(true);
        return null;
    }

    /** {@return DPDK's version, such as "DPDK 22.11.11"} */
    public String version() {
        return ShimLayout.text(VERSION.toLong());
    }

    /**
     * Finds a device and has its driver take it.
     *
     * @param device a PCI address, or a vdev string such as "net_af_xdp0,iface=eth1"
     * @throws DpdkException when there is no such device, or its driver refuses
     */
    public synchronized EthDev attach(String device) {
        EalState.require("cannot attach " + device);
        DeviceName name = DeviceName.parse(device);
        name.requireNotTheKernels();
        requireNew(name, device);
        EthDev ethDev = run(thread, () -> probe(name, device));
        attached.add(ethDev);
        return ethDev;
    }

    /** DPDK would call the second probe a success, and both callers would have the same ethPort. */
    private void requireNew(DeviceName name, String device) {
        attached.removeIf(EthDev::isClosed);
        for (EthDev other : attached) {
            if (DeviceName.parse(other.device()).ethPortName().equals(name.ethPortName())) {
                throw new DpdkException(
                        "cannot attach " + device,
                        name.ethPortName() + " is attached already, as " + other.device(),
                        List.of(),
                        "give each device once; number virtual devices (net_af_xdp0, net_af_xdp1)");
            }
        }
    }

    private EthDev probe(DeviceName name, String device) {
        String what = "cannot attach " + device;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ethPortName = arena.allocateFrom(name.ethPortName());
            MemorySegment ethPortId = arena.allocate(ValueLayout.JAVA_SHORT);
            long logPosition = DpdkLog.position();
            boolean probedAtStart = name.isPci() && BY_NAME.toInt(ethPortName.address(), ethPortId.address()) == 0;
            if (!probedAtStart) {
                MemorySegment devargs = arena.allocateFrom(name.devargs());
                DpdkException.check(what, PROBE.toInt(devargs.address()), logPosition);
                DpdkException.check(what, BY_NAME.toInt(ethPortName.address(), ethPortId.address()), logPosition);
            }
            return new EthDev(ethPortId.get(ValueLayout.JAVA_SHORT, 0) & 0xffff, device);
        }
    }

    /**
     * Stops and closes all devices, then cleans the EAL up; idempotent. No worker may poll any more. A device that
     * fails to close does not keep the others from closing.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        List<RuntimeException> failures = new ArrayList<>();
        for (EthDev ethDev : attached.reversed()) {
            try {
                ethDev.close();
            } catch (RuntimeException e) {
                failures.add(e);
            }
        }
        run(thread, CLEANUP::toInt);
        EalState.running(false);
        thread.shutdown();
        if (!failures.isEmpty()) {
            RuntimeException first = failures.removeFirst();
            failures.forEach(first::addSuppressed);
            throw first;
        }
    }

    private static <T> T run(ExecutorService thread, Supplier<T> task) {
        try {
            return CompletableFuture.supplyAsync(task, thread).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
