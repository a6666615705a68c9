package io.l4lb.bench.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.bench.shape.Source;
import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.dpdk.RxQueue;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OtherFlowsRxQueueTest {
    private static final int CLIENT_OFFSET = 14 + 12;
    private static final int CAPTURED = 6;
    private static final int VARIANTS = 5;

    @Test
    void captureIsSoManyTimesItsFlowsAndThenTheFirstComeAgain() {
        try (NativeMemory memory = NativeMemory.allocate(4096, true)) {
            long array = memory.address();
            long mbuf = array + 64;
            long frame = array + 1024;
            Memory.putLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET, frame);
            int[] next = {0};
            RxQueue capture = (mbufs, capacity) -> { // one packet a burst: frames 0 to 5 for ever
                Memory.putLong(mbufs, mbuf);
                Memory.putInt(frame + CLIENT_OFFSET, next[0]++ % CAPTURED);
                return 1;
            };
            RxQueue flows = OtherFlowsRxQueue.eachRound(capture, false, new Source(CAPTURED, VARIANTS, 32, 0, 0));
            Set<Integer> clients = new HashSet<>();
            for (int i = 0; i < 3 * CAPTURED * VARIANTS; i++) {
                assertThat(flows.receive(array, 32)).isEqualTo(1);
                clients.add(Memory.getInt(frame + CLIENT_OFFSET));
            }
            assertThat(clients).hasSize(CAPTURED * VARIANTS).contains(0, 1, 2, 3, 4, 5);
        }
    }
}
