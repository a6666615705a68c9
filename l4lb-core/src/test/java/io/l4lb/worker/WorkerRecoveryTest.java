package io.l4lb.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.net.MacAddress;
import io.l4lb.pin.Pin;
import io.l4lb.testing.MemoryMbufs;
import io.l4lb.testing.MemoryRxQueue;
import io.l4lb.testing.MemorySink;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.TestConfig;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a worker does when something beside the packets is not as it should be. */
class WorkerRecoveryTest {
    private static final int ACK = 0x10;
    private static final MacAddress ETH_PORT_MAC = new MacAddress(0x0200_0000_aa00L);

    private final L4lbConfig config = TestConfig.ofEveryKind().build();
    private final ForwardingNumbers numbers = new ForwardingNumbers();
    private final MemoryMbufs mbufs = new MemoryMbufs(2, 2048);
    private final MemoryRxQueue rxQueue = new MemoryRxQueue(2);
    private final MemorySink sent = new MemorySink(2);
    private final MemorySink released = new MemorySink(2);

    private ForwardingTable table(Optional<MacAddress> nextHop) {
        return new ForwardingTableBuilder(config, numbers, List.of(ETH_PORT_MAC), _ -> nextHop).build();
    }

    private Worker worker(ForwardingTable table, Pin pin) {
        return new Worker(
                List.of(new WorkerEthPort(rxQueue, sent, null)), released, WorkerTerms.ofMtu(1500), pin, table);
    }

    private void receive(int index) {
        byte[] frame =
                PacketBuilder.tcp("192.0.2.7", 40_000, "198.51.100.1", 443, ACK).build();
        mbufs.setFrame(index, frame, frame.length, MemoryMbufs.HEADROOM_BYTES);
        rxQueue.add(mbufs.address(index));
    }

    @Test
    void aFlowToABackendWithoutANextHopIsDroppedAndForwardedOnceThereIsOne() {
        ForwardingTable silent = table(Optional.empty());
        ForwardingTable answered = table(Optional.of(TestConfig.NEXT_HOP));
        Worker worker = worker(silent, new Pin(16, false, false, new FlowTimeouts(900, 60)));
        receive(0);
        worker.doWork(1);
        assertThat(worker.counters().drops(DropReason.NEXT_HOP_UNRESOLVED)).isEqualTo(1);
        assertThat(released.size()).isEqualTo(1);
        worker.swap(answered, answered.newCidDecoders());
        receive(1);
        worker.doWork(2);
        assertThat(sent.size()).isEqualTo(1);
        assertThat(worker.counters().get(WorkerCounter.FLOW_MISSES)).isEqualTo(1); // it was pinned all the time
        worker.close();
        silent.close();
        answered.close();
    }

    @Test
    void aFragmentThatIsHeldIsGivenBackAtTheEndAndNotWithTheBurstThatFailed() {
        ForwardingTable table = table(Optional.of(TestConfig.NEXT_HOP));
        Worker worker = worker(table, null); // fails behind the stage that holds
        byte[] later = PacketBuilder.udp("192.0.2.7", 40_000, "198.51.100.1", 53)
                .fragment(8)
                .build();
        mbufs.setFrame(0, later, later.length, MemoryMbufs.HEADROOM_BYTES);
        rxQueue.add(mbufs.address(0));
        receive(1);
        assertThatThrownBy(() -> worker.doWork(1)).isInstanceOf(NullPointerException.class);
        worker.recover();
        assertThat(released.size()).isEqualTo(1);
        assertThat(released.mbuf(0)).isEqualTo(mbufs.address(1));
        assertThat(worker.counters().drops(DropReason.WORKER_ERROR)).isEqualTo(1);
        assertThat(worker.counters().get(WorkerCounter.FRAGMENTS_HELD)).isEqualTo(1);

        worker.use(0, WorkerEthPort.ABSENT); // what is held may be of the ethPort that goes
        worker.use(0, WorkerEthPort.ABSENT);
        assertThat(released.size()).isEqualTo(2);
        assertThat(released.mbuf(1)).isEqualTo(mbufs.address(0));
        assertThat(worker.counters().drops(DropReason.FRAGMENT_TIMEOUT)).isEqualTo(1);
        table.close();
    }

    @Test
    void theMbufsOfABurstThatFailedAreGivenBackOnceAndCounted() {
        ForwardingTable table = table(Optional.of(TestConfig.NEXT_HOP));
        Worker worker = worker(table, null); // fails in the fourth stage
        receive(0);
        receive(1);
        assertThatThrownBy(() -> worker.doWork(1)).isInstanceOf(NullPointerException.class);
        worker.recover();
        worker.recover();
        assertThat(released.size()).isEqualTo(2);
        assertThat(worker.counters().drops(DropReason.WORKER_ERROR)).isEqualTo(2);
        table.close();
    }
}
