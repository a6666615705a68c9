package io.l4lb.dpdk;

import static io.l4lb.dpdk.binding.ColdCall.INT32;
import static io.l4lb.dpdk.binding.ColdCall.POINTER;
import static io.l4lb.dpdk.binding.ColdCall.UINT16;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.l4lb.dpdk.binding.ColdCall;
import io.l4lb.dpdk.binding.DpdkException;
import io.l4lb.dpdk.binding.DpdkLog;
import io.l4lb.dpdk.binding.EalState;
import io.l4lb.dpdk.binding.NativeLibrary;
import io.l4lb.dpdk.binding.ShimLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * A fixed number of mbufs in DPDK's memory. Any thread may release, take and ask; threads that are registered
 * ({@code WorkerThread}) go through a cache of their own.
 */
public final class MbufPool implements MbufRelease, MbufSource, AutoCloseable {
    /** {@code socketId} for "any". */
    public static final int ANY_SOCKET = -1;

    private static final MethodHandle FREE_BULK =
            NativeLibrary.downcall("rte_pktmbuf_free_bulk", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT));
    private static final MethodHandle ALLOCATE_BULK = NativeLibrary.downcall(
            "l4lb_mbuf_alloc_bulk", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final ColdCall CREATE =
            ColdCall.returningLong("l4lb_pool_create", POINTER, INT32, INT32, UINT16, INT32);
    private static final ColdCall AVAILABLE = ColdCall.returningInt("rte_mempool_avail_count", POINTER);
    private static final ColdCall FREE = ColdCall.returningNothing("rte_mempool_free", POINTER);

    private final String name;
    private final int count;
    private long address;

    private MbufPool(String name, int count, long address) {
        this.name = name;
        this.count = count;
        this.address = address;
    }

    /**
     * Makes a pool.
     *
     * @param name unique in the process, at most 25 characters
     * @param count mbufs; 2^n - 1 wastes least. net_af_xdp keeps 2048 per receive queue: 4095 is its least
     * @param dataRoomBytes bytes of each mbuf's buffer, the headroom of 128 bytes included; 2176 holds a 2048-byte
     *     frame
     * @param socketId NUMA node of the device that will fill it, or {@link #ANY_SOCKET}
     */
    public static MbufPool create(String name, int count, int dataRoomBytes, int socketId) {
        String what = "cannot make the mbuf pool " + name + " (" + count + " x " + dataRoomBytes + " bytes)";
        EalState.require(what);
        long logPosition = DpdkLog.position();
        try (Arena arena = Arena.ofConfined()) {
            long nameAddress = arena.allocateFrom(name).address();
            long pool = CREATE.toLong(nameAddress, count, cachedMbufs(count), dataRoomBytes, socketId);
            if (pool == 0) {
                throw DpdkException.ofCall(what, 0, logPosition);
            }
            return new MbufPool(name, count, pool);
        }
    }

    /** Mbufs that a registered thread may keep to itself: DPDK's usual 256, but never an eighth of the pool. */
    private static int cachedMbufs(int count) {
        long limit = Math.min(256, ShimLayout.value("RTE_MEMPOOL_CACHE_MAX_SIZE"));
        return (int) Math.min(limit, count / 8);
    }

    @Override
    public void release(long mbufArrayAddress, int mbufCount) {
        try {
            FREE_BULK.invokeExact(mbufArrayAddress, mbufCount);
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
    }

    @Override
    public boolean take(long mbufArrayAddress, int mbufCount) {
        try {
            return (int) ALLOCATE_BULK.invokeExact(address, mbufArrayAddress, mbufCount) == 0;
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
    }

    /** {@return how many mbufs are in the pool; slow, looks into every thread's cache} */
    public int available() {
        EalState.require("cannot count the mbufs of pool " + name);
        return AVAILABLE.toInt(address);
    }

    /** {@return how many mbufs it was made with} */
    public int count() {
        return count;
    }

    /** {@return the address of its struct rte_mempool} */
    public long address() {
        return address;
    }

    /** Frees the memory; no device and no worker may hold an mbuf of it any more. After the EAL's end: nothing to do. */
    @Override
    public synchronized void close() {
        if (address != 0 && EalState.isRunning()) {
            FREE.toLong(address);
        }
        address = 0;
    }
}
