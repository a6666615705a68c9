package io.l4lb.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.config.VipConfig.WhenAllDown;
import io.l4lb.counters.CounterSnapshot.BackendSnapshot;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.explain.FlowBytes;
import io.l4lb.explain.FlowSpec;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.forwarding.BackendUse;
import io.l4lb.forwarding.ForwardingNumbers.VipKey;
import io.l4lb.net.BackendState;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.Protocol;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.TestConfig;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of new and pinned flows when a backend drains, goes down, comes back, and when all are down. */
class BackendUseTest {
    private static final String CLIENT = "203.0.113.7";
    private static final String VIP = "198.51.100.1";
    private static final int FLOWS = 300;
    private static final int OLD = 10_000;
    private static final int NEW = 20_000;

    private final Map<String, Integer> weights = new HashMap<>();
    private final Set<String> down = new HashSet<>();
    private final PipelineRig rig = new PipelineRig(config(WhenAllDown.FORWARD));

    private static L4lbConfig config(WhenAllDown whenAllDown) {
        L4lbConfig config = new TestConfig()
                .pool(
                        "web",
                        TestConfig.backend("b1", "10.0.0.1", 100),
                        TestConfig.backend("b2", "10.0.0.2", 100),
                        TestConfig.backend("b3", "10.0.0.3", 100))
                .vip("web", VIP, Protocol.TCP, 443, "web", Encapsulation.IPIP)
                .build();
        return new L4lbConfig(
                config.node(),
                config.dataplane(),
                config.pools(),
                config.vips().stream()
                        .map(vip -> new VipConfig(
                                vip.name(),
                                vip.address(),
                                vip.protocol(),
                                vip.l4Port(),
                                vip.poolNames(),
                                vip.encapsulation(),
                                vip.guePort(),
                                vip.affinity(),
                                whenAllDown))
                        .toList());
    }

    private final Set<String> doubted = new HashSet<>();

    private void apply(WhenAllDown whenAllDown) {
        rig.reload(config(whenAllDown), new BackendUse() {
            @Override
            public int weight(PoolConfig pool, BackendConfig backend) {
                return weights.getOrDefault(backend.name(), backend.weight());
            }

            @Override
            public BackendState state(PoolConfig pool, BackendConfig backend) {
                if (doubted.contains(backend.name())) {
                    return BackendState.DOUBTED;
                }
                return down.contains(backend.name()) ? BackendState.DOWN : BackendState.UP;
            }
        });
    }

    @AfterEach
    void free() {
        rig.close();
    }

    /** A packet of each flow; {@return by backend how many were forwarded to it}. */
    private Map<String, Long> send(int firstFlow) {
        Map<String, Long> before = packets();
        for (int i = 0; i < FLOWS; i++) {
            rig.receive(PacketBuilder.tcp(CLIENT, firstFlow + i, VIP, 443, PacketBuilder.ACK)
                    .build());
        }
        rig.work(1);
        rig.takeSent();
        Map<String, Long> after = packets();
        after.replaceAll((backend, count) -> count - before.get(backend));
        return after;
    }

    private Map<String, Long> packets() {
        Map<String, Long> packets = new HashMap<>();
        for (BackendSnapshot backend : rig.snapshot().backends()) {
            packets.put(backend.name(), backend.packets());
        }
        return packets;
    }

    @Test
    void doubtedBackendKeepsItsFlowsAndReceivesNoNewOne() {
        Map<String, Long> old = send(OLD);
        doubted.add("b1");
        apply(WhenAllDown.FORWARD);

        assertThat(send(OLD)).isEqualTo(old);
        assertThat(send(NEW)).containsEntry("b1", 0L);
        assertThat(rig.counter(WorkerCounter.FLOW_REPINS)).isZero();
    }

    @Test
    void whereAllAreDoubtedNewFlowsGoByWhenAllDownAndPinnedOnesStay() {
        Map<String, Long> old = send(OLD);
        doubted.addAll(old.keySet());
        apply(WhenAllDown.REJECT);
        assertThat(send(OLD)).isEqualTo(old);
        assertThat(send(NEW).values()).containsOnly(0L);
        apply(WhenAllDown.FORWARD);
        assertThat(send(OLD)).isEqualTo(old);
        assertThat(send(NEW).values()).doesNotContain(0L);
    }

    @Test
    void drainingBackendKeepsItsFlowsAndReceivesNoNewOne() {
        Map<String, Long> old = send(OLD);
        weights.put("b1", 0);
        apply(WhenAllDown.FORWARD);

        assertThat(send(OLD)).isEqualTo(old);
        assertThat(send(NEW)).containsEntry("b1", 0L);
        assertThat(rig.counter(WorkerCounter.FLOW_REPINS)).isZero();
    }

    @Test
    void flowsOfABackendThatIsDownMoveAndNoOthersAndStayWhenItIsBack() {
        Map<String, Long> old = send(OLD);
        down.add("b1");
        apply(WhenAllDown.FORWARD);

        Map<String, Long> moved = send(OLD);
        assertThat(moved).containsEntry("b1", 0L);
        assertThat(moved.get("b2")).isGreaterThan(old.get("b2"));
        assertThat(rig.counter(WorkerCounter.FLOW_REPINS)).isEqualTo(old.get("b1"));
        assertThat(send(NEW)).containsEntry("b1", 0L);

        down.clear();
        apply(WhenAllDown.FORWARD);
        assertThat(send(OLD)).isEqualTo(moved);
    }

    @Test
    void flowThatSaysNothingWhileItsBackendIsDownIsStillThere() {
        Map<String, Long> old = send(OLD);
        down.add("b1");
        apply(WhenAllDown.FORWARD);
        down.clear();
        apply(WhenAllDown.FORWARD);

        assertThat(send(OLD)).isEqualTo(old);
    }

    @Test
    void whenAllAreDownTheyAreUsedAsIfUp() {
        Map<String, Long> old = send(OLD);
        weights.put("b3", 0);
        down.addAll(Set.of("b1", "b2"));
        apply(WhenAllDown.FORWARD);

        assertThat(send(OLD)).isEqualTo(old);
        Map<String, Long> fresh = send(NEW);
        assertThat(fresh).containsEntry("b3", 0L);
        assertThat(fresh.get("b1")).isPositive();
        assertThat(fresh.get("b2")).isPositive();
    }

    @Test
    void whenAllAreDownAVipThatRejectsDropsAndCounts() {
        Map<String, Long> old = send(OLD);
        down.addAll(Set.of("b1", "b2", "b3"));
        apply(WhenAllDown.REJECT);

        assertThat(send(OLD).values()).containsOnly(0L);
        assertThat(rig.drops(DropReason.NO_BACKEND)).isEqualTo(FLOWS);
        down.clear();
        apply(WhenAllDown.REJECT);
        assertThat(send(OLD)).isEqualTo(old);
    }

    @Test
    void workerFindsAndCountsItsFlows() {
        send(OLD);
        VipKey vip = VipKey.of(config(WhenAllDown.FORWARD).vips().getFirst());
        int tick = FlowStateDescriptor.tick(1);
        long known = rig.worker()
                .flows()
                .find(
                        bytes(OLD)
                                .key(
                                        rig.numbers.vipNumber(config(WhenAllDown.FORWARD)
                                                .vips()
                                                .getFirst()),
                                        vip.seed()),
                        tick);
        assertThat(FlowStateDescriptor.state(known)).isEqualTo(FlowStateDescriptor.UNPROVEN);
        assertThat(rig.worker().flows().find(bytes(NEW).key(1, vip.seed()), tick))
                .isZero();

        long[] byCode = new long[FlowStateDescriptor.CODES];
        int from = 0;
        while (!rig.worker().flows().count(from, 100, tick, byCode)) {
            from += 100;
        }
        assertThat(byCode[FlowStateDescriptor.UNPROVEN]).isEqualTo(FLOWS);
    }

    private static FlowBytes bytes(int l4Port) {
        return new FlowBytes(FlowSpec.parse("tcp " + CLIENT + ":" + l4Port + " -> " + VIP + ":443"));
    }
}
