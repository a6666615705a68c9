package io.l4lb.punt;

import static io.l4lb.testing.PacketBuilder.ACK;
import static io.l4lb.testing.PacketBuilder.SYN;
import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.dpdk.MbufSource;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.MacAddress;
import io.l4lb.net.Protocol;
import io.l4lb.pin.Pin;
import io.l4lb.testing.MemoryMbufs;
import io.l4lb.testing.MemoryRxQueue;
import io.l4lb.testing.MemorySink;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.TestConfig;
import io.l4lb.worker.Worker;
import io.l4lb.worker.WorkerEthPort;
import io.l4lb.worker.WorkerLoop;
import io.l4lb.worker.WorkerTerms;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.agrona.concurrent.NoOpIdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a worker hands to the kernel, how much of it, and what it takes from there; the clock is moved by hand. */
class KernelSideTest {
    private static final String NODE = "192.0.2.1";
    private static final String VIP = "198.51.100.1";
    private static final int RATE = 20_000;
    private static final int BURST = 32;
    private static final long MS = 1_000_000;
    /** A clock may stand anywhere: nanoTime() has no origin. */
    private static final long START_NS = Long.MAX_VALUE - 500 * MS;

    private final L4lbConfig config = new TestConfig()
            .pool("web", TestConfig.backend("b1", "10.0.0.1", 100))
            .vip("tcp", VIP, Protocol.TCP, 443, "web", Encapsulation.IPIP)
            .build();
    private final MemoryMbufs mbufs = new MemoryMbufs(2 * BURST, 2048);
    private final MemoryRxQueue rxQueue = new MemoryRxQueue(2 * BURST);
    private final MemoryRxQueue kernelRxQueue = new MemoryRxQueue(2 * BURST);
    private final MemorySink sent = new MemorySink(2 * BURST);
    private final MemorySink punted = new MemorySink(2 * BURST);
    private final MemorySink released = new MemorySink(2 * BURST);
    private final ForwardingTable table = new ForwardingTableBuilder(
                    config,
                    new ForwardingNumbers(),
                    List.of(new MacAddress(0x0200_0000_aa00L)),
                    _ -> Optional.of(TestConfig.NEXT_HOP))
            .build();
    private boolean nicFails;
    private boolean kernelFails;
    private final RxQueue tap = (list, capacity) -> {
        if (kernelFails) {
            throw new IllegalStateException("tap gone");
        }
        return kernelRxQueue.receive(list, capacity);
    };
    private final TxQueue nic = (list, count) -> {
        if (nicFails) {
            throw new IllegalStateException("device gone");
        }
        return sent.transmit(list, count);
    };
    private final Worker worker = new Worker(
            List.of(WorkerEthPort.of(
                    rxQueue, nic, MbufSource.NONE, new KernelSide(tap, punted, new PuntLimit(RATE, START_NS)))),
            released,
            WorkerTerms.ofMtu(1500),
            new Pin(16, true, true, new FlowTimeouts(900, 60)),
            table);

    @AfterEach
    void free() {
        worker.close();
        table.close();
        mbufs.close();
    }

    private static long at(int ms) {
        return START_NS + ms * MS;
    }

    /** {@return how many of a burst reached the kernel} */
    private int punt(long nowNs, IntFunction<byte[]> frames) {
        for (int i = 0; i < BURST; i++) {
            byte[] frame = frames.apply(i);
            mbufs.setFrame(i, frame, frame.length, MemoryMbufs.HEADROOM_BYTES);
            rxQueue.add(mbufs.address(i));
        }
        worker.doWork(nowNs);
        int count = punted.size();
        assertThat(count + sent.size() + released.size()).isEqualTo(BURST);
        punted.clear();
        sent.clear();
        released.clear();
        return count;
    }

    private static byte[] junk(int source) {
        return PacketBuilder.udp("203.0." + (source >> 8 & 0xff) + "." + (source & 0xff), 9, NODE, 9)
                .payload(20)
                .build();
    }

    private static byte[] bgp(int ignored) {
        return PacketBuilder.tcp("192.0.2.254", 40_000, NODE, 179, ACK)
                .payload(100)
                .build();
    }

    /** {@return how many of all packets of a second in which a burst came each millisecond} */
    private int puntForASecond(IntFunction<byte[]> frames) {
        int count = 0;
        for (int i = 0; i < 1000; i++) {
            int burst = i * BURST;
            count += punt(at(i), index -> frames.apply(burst + index));
        }
        return count;
    }

    @Test
    void floodIsHeldToTheShareOfItsKind() {
        assertThat(puntForASecond(KernelSideTest::junk)).isBetween(RATE / 10, RATE / 10 + 50);
        assertThat(worker.counters().drops(DropReason.PUNT_RATE))
                .isEqualTo(1000 * BURST - worker.counters().get(WorkerCounter.PUNTED_PACKETS));
    }

    @Test
    void oneSourceGetsAQuarterOfThat() {
        assertThat(puntForASecond(_ -> junk(1))).isBetween(RATE / 40, RATE / 40 + 20);
    }

    @Test
    void floodOfJunkLeavesBgpAndArpAndConnectionsAlone() {
        int lost = 0;
        for (int i = 0; i < 1000; i++) {
            int burst = i * BURST;
            int others = i % 10 == 0 ? 3 : 0; // 300 a second
            int[] kind = {0};
            long before = worker.counters().get(WorkerCounter.PUNTED_PACKETS);
            long dropsBefore = worker.counters().drops(DropReason.PUNT_RATE);
            punt(at(i), index -> {
                if (index < others) {
                    return switch (kind[0]++ % 3) {
                        case 0 -> bgp(0);
                        case 1 -> PacketBuilder.echoRequest("192.0.2.7", NODE).build();
                        default ->
                            PacketBuilder.tcp("192.0.2.7", 50_000, NODE, 22, ACK)
                                    .build();
                    };
                }
                return junk(burst + index);
            });
            long puntedNow = worker.counters().get(WorkerCounter.PUNTED_PACKETS) - before;
            long dropped = worker.counters().drops(DropReason.PUNT_RATE) - dropsBefore;
            lost += puntedNow < others ? 1 : 0;
            assertThat(dropped).isLessThanOrEqualTo(BURST - others);
        }
        assertThat(lost).isZero();
    }

    @Test
    void oneAddressThatFloodsTheBgpPortLeavesTheRoutersSessionAlone() {
        for (int i = 0; i < 1000; i++) {
            punt(
                    at(i),
                    _ -> PacketBuilder.tcp("203.0.113.66", 1, NODE, 179, SYN).build());
            if (i % 10 == 9) {
                assertThat(punt(at(i), index -> index == 0 ? bgp(0) : junk(index)))
                        .isPositive();
            }
        }
        // a quarter of three tenths, of which 20 ms may come at once
        assertThat(punt(at(1000), KernelSideTest::bgp)).isGreaterThanOrEqualTo(RATE * 3 / 10 / 4 / 50);
    }

    @Test
    void packetsToVipsAreNotLimited() {
        byte[] toVip = PacketBuilder.tcp("192.0.2.7", 1, VIP, 443, ACK).build();
        for (int i = 0; i < 100; i++) {
            punt(START_NS, _ -> toVip);
        }
        assertThat(worker.counters().get(WorkerCounter.TX_PACKETS)).isEqualTo(100 * BURST);
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 15, 17, 18, 20, 22, 33, 34, 40, 53, 54, 60})
    void framesOfAnyLengthAreSorted(int length) {
        byte[] shortFrame = new byte[length];
        shortFrame[12] = (byte) 0x81; // a VLAN tag, as far as there is room for one
        if (length > 17) {
            shortFrame[16] = (byte) 0x88; // and an EtherType that is not IP
            shortFrame[17] = (byte) 0xcc;
        }
        punt(START_NS, _ -> shortFrame);
        assertThat(worker.counters().get(WorkerCounter.ERRORS)).isZero();
    }

    @Test
    void whatTheKernelSendsLeavesUnchangedAndAFewAtATime() {
        byte[] frame = PacketBuilder.udp(NODE, 1, "203.0.113.7", 2).payload(77).build();
        for (int i = 0; i < 20; i++) {
            mbufs.setFrame(i, frame, frame.length, MemoryMbufs.HEADROOM_BYTES);
            kernelRxQueue.add(mbufs.address(i));
        }
        assertThat(worker.doWork(START_NS)).isEqualTo(8);
        assertThat(worker.doWork(START_NS)).isEqualTo(8);
        assertThat(worker.doWork(START_NS)).isEqualTo(4);
        assertThat(worker.doWork(START_NS)).isZero();
        assertThat(sent.size()).isEqualTo(20);
        byte[] left = new byte[2048];
        assertThat(mbufs.copyFrame(mbufs.index(sent.mbuf(19)), left)).isEqualTo(frame.length);
        assertThat(left).startsWith(frame);
        assertThat(worker.counters().get(WorkerCounter.KERNEL_PACKETS)).isEqualTo(20);
        assertThat(worker.counters().get(WorkerCounter.TX_PACKETS)).isZero();
    }

    @Test
    void whatTheNicDoesNotTakeOfTheKernelsIsReleasedAndCounted() {
        sent.room(3);
        kernelSends(8);
        worker.doWork(START_NS);
        assertThat(sent.size()).isEqualTo(3);
        assertThat(released.size()).isEqualTo(5);
        assertThat(worker.counters().drops(DropReason.KERNEL_TX_FULL)).isEqualTo(5);
    }

    /** By the loop around the worker, as in a node: it is the one that recovers. */
    @Test
    void whatTheKernelSentWhenTheNicFailedIsGivenBackAndCountedAndTheNextIsSent() {
        kernelSends(8);
        nicFails = true;
        List<Throwable> errors = new ArrayList<>();
        WorkerLoop loop = new WorkerLoop(worker, new NoOpIdleStrategy(), error -> {
            errors.add(error);
            nicFails = false;
            kernelSends(2);
        });
        loop.turn();
        assertThat(errors).singleElement().extracting(Throwable::getMessage).isEqualTo("device gone");
        assertThat(released.size()).isEqualTo(8);
        assertThat(worker.counters().drops(DropReason.WORKER_ERROR)).isEqualTo(8);
        assertThat(sent.size()).isEqualTo(2);
    }

    @Test
    void aTapThatFailsGivesNothingBackThatHasGoneAlready() {
        kernelFails = true;
        rxQueue.add(frame(0, PacketBuilder.tcp("192.0.2.7", 1, VIP, 443, ACK).build()));
        List<Throwable> errors = new ArrayList<>();
        new WorkerLoop(worker, new NoOpIdleStrategy(), errors::add).turn();
        assertThat(errors).isNotEmpty();
        assertThat(sent.size()).isEqualTo(1);
        assertThat(released.size()).isZero();
    }

    private void kernelSends(int count) {
        for (int i = 0; i < count; i++) {
            kernelRxQueue.add(frame(i, junk(i)));
        }
    }

    private long frame(int index, byte[] bytes) {
        mbufs.setFrame(index, bytes, bytes.length, MemoryMbufs.HEADROOM_BYTES);
        return mbufs.address(index);
    }
}
