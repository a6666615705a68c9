package io.l4lb.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.flow.FlowEventSink;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.net.IpAddress;
import io.l4lb.replica.ReplicaNumbers;
import io.l4lb.replica.ReplicaTable;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Events are held back to be merged together; what comes of it must be as if they were not. */
class MergeSinkTest {
    private static final int TICK = 5000;
    private static final int TCP = 6;
    private static final int ESTABLISHED = FlowStateDescriptor.ESTABLISHED;

    private final ReplicaNumbers numbers = new ReplicaNumbers();
    private final int vip = numbers.vip(IpAddress.ipv4(0xc6336401), TCP);
    private final int node = numbers.node("a");

    @Test
    void atTheEndOfABatchAllItsEventsAreInTheTableOfEachFlowTheLaterClaim() {
        try (ReplicaTable table = new ReplicaTable(4096, new FlowTimeouts(900, 60), numbers, node)) {
            MergeSink sink = new MergeSink(table, TICK);
            int flows = 3 * ReplicaTable.EXPECTED_MAX + 1;
            for (int flow = 0; flow < flows; flow++) {
                sink.ipv4(flow, vip, 1, ESTABLISHED, true, 7, node, 0);
                sink.ipv6(flow, 1, 2, vip, 3, ESTABLISHED, true, 8, node, 0);
                sink.ipv6(flow, 1, 2, vip, 4, ESTABLISHED, true, 9, node, 0);
            }
            sink.end();

            Backends backends = new Backends();
            table.scan(0, table.bucketCount(), TICK, backends);
            assertThat(table.flows()).isEqualTo(2L * flows);
            assertThat(backends.ipv4)
                    .hasSize(flows)
                    .allSatisfy((flow, backend) -> assertThat(backend).isEqualTo(1));
            assertThat(backends.ipv6)
                    .hasSize(flows)
                    .allSatisfy((flow, backend) -> assertThat(backend).isEqualTo(4));
        }
    }

    /** Of each flow. */
    private static final class Backends implements FlowEventSink {
        private final Map<Long, Integer> ipv4 = new TreeMap<>();
        private final Map<Long, Integer> ipv6 = new TreeMap<>();

        @Override
        public void ipv4(long key, int vip, int backend, int code, boolean proven, long lamport, int node, int age) {
            ipv4.put(key, backend);
        }

        @Override
        public void ipv6(
                long high,
                long low,
                int ports,
                int vip,
                int backend,
                int code,
                boolean proven,
                long lamport,
                int node,
                int age) {
            ipv6.put(high, backend);
        }
    }
}
