package io.l4lb.warmup;

import io.l4lb.config.DataplaneConfig;
import io.l4lb.dpdk.MbufPool;
import io.l4lb.dpdk.MbufRelease;
import io.l4lb.dpdk.Mbufs;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;
import io.l4lb.dpdk.eal.Eal;
import io.l4lb.dpdk.ethdev.EthDev;
import io.l4lb.dpdk.ethdev.EthDevConfig;
import io.l4lb.punt.KernelSide;
import io.l4lb.punt.PuntLimit;
import io.l4lb.worker.WorkerEthPort;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * DPDK's net_ring device with a pool of its own: what is sent to a queue comes out of the queue of the same number. The
 * worker polls queue 0 and sends to queue 1, through the very classes and native calls of a NIC's queues: compiled code
 * that has met other queues would have to be thrown away at the first real packet.
 *
 * <pre>
 * feed → txQueue 0 ~ rxQueue 0 → worker → txQueue 1 ~ rxQueue 1 → drain
 *                                worker → txQueue 2 ~ rxQueue 2 → worker
 * </pre>
 *
 * <p>One thread, registered with DPDK.
 */
final class LoopDevice implements AutoCloseable {
    /** What net_ring's rings hold. */
    static final int RING_PACKETS = 1023;

    /** The worker's input and output, and the kernel's side. */
    private static final int QUEUES = 3;

    private static final int BURST = 32;
    /** Both rings full and what DPDK caches for the thread. */
    private static final int MBUFS = 4095;

    private static final int HEADROOM_BYTES = 128;
    private static final AtomicInteger DEVICES = new AtomicInteger();

    private final MbufPool pool;
    private final EthDev ethDev;
    private final TxQueue input;
    private final RxQueue output;
    private final RxQueue kernel;
    private final NativeMemory mbufs = NativeMemory.allocate((long) BURST * Long.BYTES, true);

    private LoopDevice(MbufPool pool, EthDev ethDev) {
        this.pool = pool;
        this.ethDev = ethDev;
        ethDev.configure(new EthDevConfig(QUEUES, QUEUES, RING_PACKETS + 1, RING_PACKETS + 1, 0, false, pool));
        ethDev.start();
        input = ethDev.txQueue(0);
        output = ethDev.rxQueue(1);
        kernel = ethDev.rxQueue(2);
    }

    /** Makes one; frames are of at most {@code frameBytesMax} bytes. */
    static LoopDevice open(Eal eal, int frameBytesMax) {
        int number = DEVICES.getAndIncrement();
        MbufPool pool = MbufPool.create("warmup" + number, MBUFS, HEADROOM_BYTES + frameBytesMax, MbufPool.ANY_SOCKET);
        try {
            return new LoopDevice(pool, eal.attach("net_ring_warmup" + number));
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    /** {@return the queues of a worker; a kernel sends back what it gets} */
    WorkerEthPort queues(boolean withKernel) {
        RxQueue rxQueue = ethDev.rxQueue(0);
        TxQueue txQueue = ethDev.txQueue(1);
        return withKernel
                ? WorkerEthPort.of(
                        rxQueue,
                        txQueue,
                        pool,
                        new KernelSide(
                                kernel,
                                ethDev.txQueue(2),
                                new PuntLimit(DataplaneConfig.DEFAULT_PUNT_PACKETS_PER_SECOND, System.nanoTime())))
                : new WorkerEthPort(rxQueue, txQueue, null, pool);
    }

    MbufRelease release() {
        return pool;
    }

    /** Puts so many frames before the worker; fewer when the ring is full or no mbufs are left. */
    void feed(Supplier<byte[]> frames, int count) {
        for (int left = count; left > 0; left -= BURST) {
            int wanted = Math.min(left, BURST);
            if (!Mbufs.allocate(pool, mbufs.address(), wanted)) {
                return;
            }
            for (int i = 0; i < wanted; i++) {
                Mbufs.setFrame(Memory.getLong(mbufs.address() + ((long) i << 3)), frames.get());
            }
            int taken = input.transmit(mbufs.address(), wanted);
            if (taken < wanted) {
                pool.release(mbufs.address() + ((long) taken << 3), wanted - taken);
                return;
            }
        }
    }

    /** Frees what the worker has sent. {@return how many} */
    int drain() {
        drain(kernel);
        return drain(output);
    }

    private int drain(RxQueue rxQueue) {
        int total = 0;
        for (int count = rxQueue.receive(mbufs.address(), BURST); count != 0; ) {
            pool.release(mbufs.address(), count);
            total += count;
            count = rxQueue.receive(mbufs.address(), BURST);
        }
        return total;
    }

    /** {@return mbufs that are not in the pool} */
    int missing() {
        return pool.count() - pool.available();
    }

    @Override
    public void close() {
        mbufs.close();
        ethDev.close();
        pool.close();
    }
}
