package io.l4lb.dpdk.ethdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.MbufPool;
import io.l4lb.dpdk.Mbufs;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.dpdk.Prefetch;
import io.l4lb.dpdk.binding.DpdkException;
import io.l4lb.dpdk.eal.Eal;
import io.l4lb.dpdk.eal.WorkerThread;
import io.l4lb.dpdk.testing.SharedEal;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NullDeviceTest {
    private static final int BURST = 32;

    private final Eal eal = SharedEal.get();
    private MbufPool pool;
    private EthDev dev;
    private NativeMemory burst;

    @BeforeEach
    void attach() {
        int number = SharedEal.unique();
        pool = MbufPool.create("null" + number, 1023, 2176, MbufPool.ANY_SOCKET);
        dev = eal.attach("net_null" + number + ",size=64");
        burst = NativeMemory.allocate(BURST * 8, true);
    }

    @AfterEach
    void close() {
        dev.close();
        pool.close();
        burst.close();
    }

    @Test
    void aFullBurstIsReceivedAndSent() {
        dev.configure(EthDevConfig.forWorkers(1, 1500, pool));
        dev.start();
        assertThat(dev.rxQueue(0).receive(burst.address(), BURST)).isEqualTo(BURST);
        long mbuf = Memory.getLong(burst.address());
        assertThat(Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_LEN_OFFSET))
                .isEqualTo(64);
        assertThat(Memory.getUnsignedShort(mbuf + MbufDescriptor.ETH_PORT_OFFSET))
                .isEqualTo(dev.ethPortId());
        assertThat(Memory.getUnsignedShort(mbuf + MbufDescriptor.NB_SEGS_OFFSET))
                .isEqualTo(1);
        assertThat(Memory.getUnsignedShort(mbuf + MbufDescriptor.REFCNT_OFFSET)).isEqualTo(1);
        assertThat(Memory.getLong(mbuf + MbufDescriptor.NEXT_OFFSET)).isZero();
        Prefetch.lines(burst.address(), BURST);
        assertThat(dev.txQueue(0).transmit(burst.address(), BURST)).isEqualTo(BURST);
        assertThat(dev.stats().txPackets()).isEqualTo(BURST);
        assertThat(pool.available()).isEqualTo(pool.count());
    }

    @Test
    void ringLengthsAreClampedAndQueuesChecked() {
        EthDevSettings settings = dev.configure(new EthDevConfig(2, 2, 60_000, 1, 0, true, pool));
        assertThat(settings.rxDescriptors()).isLessThanOrEqualTo(dev.info().maxRxDescriptors());
        assertThat(settings.txDescriptors()).isGreaterThanOrEqualTo(dev.info().minTxDescriptors());
        assertThat(dev.rxQueue(1)).isNotNull();
        assertThatThrownBy(() -> dev.txQueue(2)).hasMessageContaining("which is configured with 2");
    }

    @Test
    void rssIsOnWithSeveralQueuesWhereTheDeviceHasIt() {
        assertThat(dev.info().rssCapabilities()).isNotZero();
        assertThat(dev.info().retaSize()).isPositive();
        assertThat(dev.configure(EthDevConfig.forWorkers(2, 0, pool)).rssHashFunctions())
                .isNotZero();
        assertThat(dev.configure(EthDevConfig.forWorkers(1, 0, pool)).rssHashFunctions())
                .isZero();
    }

    @Test
    void tooManyQueuesAreRefusedWithTheNumberThatThereIs() {
        int available = dev.info().maxRxQueues();
        assertThatThrownBy(() -> dev.configure(EthDevConfig.forWorkers(available + 1, 0, pool)))
                .isInstanceOf(DpdkException.class)
                .hasMessageContaining((available + 1) + " rx queues wanted, net_null has " + available)
                .hasMessageContaining("cure: set dataplane.workers to at most " + available);
    }

    @Test
    void anMtuThatTheDeviceDoesNotTakeIsRefused() {
        assertThatThrownBy(() -> dev.configure(EthDevConfig.forWorkers(1, 10, pool)))
                .isInstanceOf(DpdkException.class)
                .hasMessageContaining("cannot set the MTU of net_null")
                .hasMessageContaining("to 10: the device takes 46 to 65535");
    }

    @Test
    void aClosedDeviceAnswersNoQuestions() {
        dev.close();
        dev.close();
        assertThatThrownBy(dev::stats).isInstanceOf(DpdkException.class).hasMessageContaining("it is closed");
    }

    @Test
    void poolIsAllOrNothing() {
        try (NativeMemory all = NativeMemory.allocate(1024 * 8, true)) {
            assertThat(Mbufs.allocate(pool, all.address(), 1024)).isFalse();
            assertThat(Mbufs.allocate(pool, all.address(), 1023)).isTrue();
            assertThat(pool.available()).isZero();
            Mbufs.setFrame(Memory.getLong(all.address()), new byte[] {1, 2, 3});
            assertThat(Mbufs.frame(Memory.getLong(all.address()))).containsExactly(1, 2, 3);
            pool.release(all.address(), 1023);
            assertThat(pool.available()).isEqualTo(1023);
        }
    }

    @Test
    void aRegisteredThreadForwardsAndDevicesCanStillBeAttached() {
        dev.configure(EthDevConfig.forWorkers(1, 0, pool));
        dev.start();
        Executor ownThread = task -> Thread.ofPlatform().name("worker").start(task);
        CompletableFuture.runAsync(
                        () -> {
                            try (WorkerThread _ = WorkerThread.enter(OptionalInt.of(0))) {
                                assertThat(dev.rxQueue(0).receive(burst.address(), BURST))
                                        .isEqualTo(BURST);
                                pool.release(burst.address(), BURST);
                                eal.attach("net_null" + SharedEal.unique()).close();
                            }
                        },
                        ownThread)
                .join();
        assertThat(pool.available()).isEqualTo(pool.count());
    }

    @Test
    void aThreadCannotBeBoundToACpuThatIsNotThere() {
        assertThatThrownBy(() -> WorkerThread.enter(OptionalInt.of(8000)))
                .isInstanceOf(DpdkException.class)
                .hasMessageContaining("to CPU 8000")
                .hasMessageContaining("dataplane.lcores may name these CPUs: {0");
    }
}
