package io.l4lb.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.config.VipConfig.PoolShare;
import io.l4lb.config.access.FlowTerms;
import io.l4lb.counters.CounterSnapshot.BackendSnapshot;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.explain.Explainer;
import io.l4lb.explain.Explanation;
import io.l4lb.explain.FlowSpec;
import io.l4lb.net.Affinity;
import io.l4lb.net.BackendState;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import io.l4lb.net.Track;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.TestConfig;
import io.l4lb.worker.PipelineRig;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A VIP of two pools, blue and green: shares of new flows, what a change of the shares moves, and what a dead pool. */
class SeveralPoolsTest {
    private static final String VIP = "198.51.100.1";
    private static final int FLOWS = 400;
    private static final int OLD = 10_000;
    private static final int NEW = 20_000;

    private final Set<String> down = new HashSet<>();
    private final PipelineRig rig = new PipelineRig(config(75, 25, Affinity.FLOW));

    @AfterEach
    void free() {
        rig.close();
    }

    private static L4lbConfig config(int blue, int green, Affinity affinity) {
        L4lbConfig config = new TestConfig()
                .pool("blue", TestConfig.backend("b1", "10.0.0.1", 100), TestConfig.backend("b2", "10.0.0.2", 100))
                .pool("green", TestConfig.backend("g1", "10.0.1.1", 100), TestConfig.backend("g2", "10.0.1.2", 50))
                .build();
        VipConfig vip = new VipConfig(
                "web",
                IpAddress.parse(VIP).orElseThrow(),
                Protocol.TCP,
                443,
                List.of(new PoolShare("blue", blue), new PoolShare("green", green)),
                Encapsulation.IPIP,
                VipConfig.DEFAULT_GUE_PORT,
                affinity,
                VipConfig.WhenAllDown.FORWARD,
                Track.ESTABLISHED,
                FlowTerms.DEFAULTS,
                Optional.empty());
        return new L4lbConfig(config.node(), config.dataplane(), config.pools(), List.of(vip));
    }

    private void reload(int blue, int green) {
        reload(config(blue, green, Affinity.FLOW));
    }

    private void reload(L4lbConfig config) {
        rig.reload(config, new BackendUse() {
            @Override
            public int weight(PoolConfig pool, BackendConfig backend) {
                return backend.weight();
            }

            @Override
            public BackendState state(PoolConfig pool, BackendConfig backend) {
                return down.contains(backend.name()) ? BackendState.DOWN : BackendState.UP;
            }
        });
    }

    private static String client(int flow) {
        return "203.0." + (flow & 0xff) + "." + (1 + flow % 250);
    }

    /** A packet of each flow; {@return by backend how many were forwarded to it} */
    private Map<String, Long> send(int firstFlow) {
        Map<String, Long> before = packets();
        for (int i = 0; i < FLOWS; i++) {
            rig.receive(PacketBuilder.tcp(client(i), firstFlow + i, VIP, 443, PacketBuilder.ACK)
                    .build());
        }
        rig.work(1);
        rig.takeSent();
        Map<String, Long> after = packets();
        after.replaceAll((backend, count) -> count - before.get(backend));
        return after;
    }

    private Map<String, Long> packets() {
        return rig.snapshot().backends().stream()
                .collect(Collectors.toMap(BackendSnapshot::name, BackendSnapshot::packets, (a, b) -> b, TreeMap::new));
    }

    private static long green(Map<String, Long> counts) {
        return counts.get("g1") + counts.get("g2");
    }

    @Test
    void newFlowsGoToThePoolsByTheirWeights() {
        // 400 flows, a quarter: 100, sigma 8.7
        assertThat(green(send(OLD))).isBetween(60L, 140L);
    }

    @Test
    void otherWeightsMoveNewFlowsOnly() {
        Map<String, Long> old = send(OLD);
        reload(0, 100);

        assertThat(send(OLD)).isEqualTo(old);
        assertThat(green(send(NEW))).isEqualTo(FLOWS);
        assertThat(rig.counter(WorkerCounter.FLOW_REPINS)).isZero();

        reload(100, 0);
        assertThat(send(OLD)).isEqualTo(old);
        assertThat(green(send(NEW + FLOWS))).isZero();
    }

    @Test
    void aPoolThatIsDownLeavesItsFlowsToTheOther() {
        Map<String, Long> old = send(OLD);
        down.addAll(Set.of("b1", "b2"));
        reload(75, 25);

        assertThat(green(send(OLD))).isEqualTo(FLOWS);
        assertThat(green(send(NEW))).isEqualTo(FLOWS);
        assertThat(rig.counter(WorkerCounter.FLOW_REPINS)).isEqualTo(FLOWS - green(old));
    }

    /** It would keep blue's backends as if up, for itself: by whenAllDown, and because it has no other pool. */
    @Test
    void anotherVipOfAPoolThatIsDownDoesNotKeepThisOnesFlowsThere() {
        L4lbConfig config = config(75, 25, Affinity.FLOW);
        VipConfig direct = new VipConfig(
                "old",
                IpAddress.parse("198.51.100.2").orElseThrow(),
                Protocol.TCP,
                443,
                "blue",
                Encapsulation.IPIP,
                VipConfig.DEFAULT_GUE_PORT,
                Affinity.FLOW,
                VipConfig.WhenAllDown.FORWARD);
        L4lbConfig both = new L4lbConfig(
                config.node(),
                config.dataplane(),
                config.pools(),
                List.of(config.vips().getFirst(), direct));
        reload(both);
        Map<String, Long> old = send(OLD);
        assertThat(green(old)).isLessThan(FLOWS);
        down.addAll(Set.of("b1", "b2"));
        reload(both);

        assertThat(green(send(OLD))).isEqualTo(FLOWS);
    }

    @Test
    void whenAllPoolsAreDownAllAreUsedAsIfUp() {
        Map<String, Long> old = send(OLD);
        down.addAll(Set.of("b1", "b2", "g1", "g2"));
        reload(75, 25);

        assertThat(send(OLD)).isEqualTo(old);
        assertThat(green(send(NEW))).isBetween(60L, 140L);
    }

    @Test
    void aPoolOfWeightZeroIsNoReasonToGoToAPoolThatIsDown() {
        down.addAll(Set.of("b1", "b2"));
        reload(100, 0);
        Map<String, Long> counts = send(OLD);
        assertThat(green(counts)).isZero(); // no pool that takes flows is up, so the one that should is taken for up
        assertThat(counts.get("b1") + counts.get("b2")).isEqualTo(FLOWS);
    }

    @Test
    void explainSaysWhatThePipelineDoes() {
        int l4Port = 30_000;
        for (Affinity affinity : List.of(Affinity.FLOW, Affinity.SOURCE, new Affinity(true, 24))) {
            L4lbConfig config = config(75, 25, affinity);
            rig.reload(config, BackendUse.CONFIGURED);
            try (Explainer explainer = new Explainer(config)) {
                for (int i = 0; i < 50; i++) {
                    compare(explainer, client(i), l4Port++);
                }
            }
        }
    }

    private void compare(Explainer explainer, String client, int l4Port) {
        Map<String, Long> expected = packets();
        Explanation explained =
                explainer.explain(FlowSpec.parse("tcp " + client + ":" + l4Port + " -> " + VIP + ":443"));
        assertThat(explained).isInstanceOf(Explanation.Forwarded.class);
        expected.merge(((Explanation.Forwarded) explained).backend().name(), 1L, Long::sum);
        rig.receive(
                PacketBuilder.tcp(client, l4Port, VIP, 443, PacketBuilder.SYN).build());
        rig.work(1);
        rig.takeSent();
        assertThat(packets()).isEqualTo(expected);
    }
}
