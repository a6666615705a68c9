package io.l4lb.dpdk.eal;

import io.l4lb.dpdk.binding.ColdCall;
import io.l4lb.dpdk.binding.DpdkException;
import io.l4lb.dpdk.binding.DpdkLog;
import io.l4lb.dpdk.binding.EalState;
import io.l4lb.dpdk.binding.Libc;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;

/**
 * A Java platform thread that DPDK knows: it has an lcore number and with it a cache in every mbuf pool. Enter and
 * close on the thread itself, before the EAL is closed.
 *
 * <pre>try (WorkerThread thread = WorkerThread.enter(OptionalInt.of(2))) { poll until told to stop }</pre>
 */
public final class WorkerThread implements AutoCloseable {
    private static final ColdCall REGISTER = ColdCall.returningInt("rte_thread_register");
    private static final ColdCall UNREGISTER = ColdCall.returningNothing("rte_thread_unregister");

    private final Thread owner;
    private boolean left;

    private WorkerThread(Thread owner) {
        this.owner = owner;
    }

    /**
     * Binds the calling thread to a CPU, if one is given, lets it sleep for less than the 50 us by which the kernel
     * rounds up, and registers it with DPDK.
     *
     * @throws DpdkException when the CPU is not ours to use, or DPDK has no lcore number left
     */
    public static WorkerThread enter(OptionalInt cpu) {
        EalState.require("cannot register the thread " + Thread.currentThread().getName());
        cpu.ifPresent(WorkerThread::bind);
        Libc.timerSlackNs(1);
        long logPosition = DpdkLog.position();
        DpdkException.check(
                "cannot register the thread " + Thread.currentThread().getName(), REGISTER.toInt(), logPosition);
        return new WorkerThread(Thread.currentThread());
    }

    /** Unregisters the thread, which gives its cached mbufs back; it stays bound. */
    @Override
    public void close() {
        if (!Thread.currentThread().equals(owner)) {
            throw new IllegalStateException("only " + owner.getName() + " itself can leave");
        }
        if (!left && EalState.isRunning()) {
            left = true;
            UNREGISTER.toLong();
        }
    }

    private static void bind(int cpu) {
        BitSet only = new BitSet();
        only.set(cpu);
        try {
            Libc.bindThread(only.toLongArray());
        } catch (Libc.RefusedException e) {
            DpdkException failure = new DpdkException(
                    "cannot bind the thread " + Thread.currentThread().getName() + " to CPU " + cpu,
                    e.getMessage(),
                    List.of(),
                    "dataplane.lcores may name these CPUs: " + AllowedCpus.read());
            failure.initCause(e);
            throw failure;
        }
    }
}
