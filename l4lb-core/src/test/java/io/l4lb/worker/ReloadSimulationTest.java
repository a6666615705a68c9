package io.l4lb.worker;

import static io.l4lb.testing.PacketBuilder.ACK;
import static io.l4lb.testing.PacketBuilder.SYN;
import static io.l4lb.testing.TestConfig.backend;
import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.counters.CounterSnapshot;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.net.Affinity;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import io.l4lb.testing.Seed;
import io.l4lb.testing.TestConfig;
import io.l4lb.worker.Lab.Connection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Connections through two nodes while backends, weights, VIPs and nodes come and go. */
class ReloadSimulationTest {
    private static final BackendConfig B1 = backend("b1", "10.0.0.1", 100);
    private static final BackendConfig B2 = backend("b2", "2001:db8:1::2", 100);
    private static final BackendConfig B3 = backend("b3", "10.0.0.3", 50);
    private static final BackendConfig B4 = backend("b4", "10.0.0.4", 100);
    private static final BackendConfig B1_DRAINED = backend("b1", "10.0.0.1", 0);

    private final long seed = Seed.of(ReloadSimulationTest.class);
    private final SplittableRandom random = new SplittableRandom(seed);
    private final List<Connection> connections = connections(600);

    private static TestConfig base() {
        return new TestConfig().flows(4000);
    }

    /** The same for every node, but for the order in which things are listed. */
    private static L4lbConfig config(BackendConfig... backends) {
        return base().pool("web", backends)
                .vip("tcp4", "198.51.100.1", Protocol.TCP, 443, "web", Encapsulation.IPIP)
                .vip("any4", "198.51.100.2", Protocol.TCP, 0, "web", Encapsulation.GUE)
                .vip("tcp6", "2001:db8:f::1", Protocol.TCP, 443, "web", Encapsulation.GRE)
                .vip("any6", "2001:db8:f::2", Protocol.TCP, 0, "web", Encapsulation.IPIP, Affinity.SOURCE)
                .build();
    }

    private static L4lbConfig reversed(BackendConfig... backends) {
        List<BackendConfig> reverse = new ArrayList<>(List.of(backends)).reversed();
        return base().pool("web", reverse.toArray(BackendConfig[]::new))
                .vip("unrelated", "198.51.100.7", Protocol.UDP, 53, "web", Encapsulation.IPIP)
                .vip("a6", "2001:db8:f::2", Protocol.TCP, 0, "web", Encapsulation.IPIP, Affinity.SOURCE)
                .vip("t6", "2001:db8:f::1", Protocol.TCP, 443, "web", Encapsulation.GRE)
                .vip("a4", "198.51.100.2", Protocol.TCP, 0, "web", Encapsulation.GUE)
                .vip("t4", "198.51.100.1", Protocol.TCP, 443, "web", Encapsulation.IPIP)
                .build();
    }

    private List<Connection> connections(int count) {
        Set<Connection> distinct = new HashSet<>();
        while (distinct.size() < count) {
            int client = 1 + random.nextInt(40);
            boolean ipv6 = random.nextBoolean();
            boolean any = random.nextBoolean();
            distinct.add(new Connection(
                    (ipv6 ? "2001:db8:c::" : "203.0.113.") + client,
                    1024 + random.nextInt(60_000),
                    (ipv6 ? "2001:db8:f::" : "198.51.100.") + (any ? 2 : 1),
                    any ? 1 + random.nextInt(9) : 443));
        }
        return new ArrayList<>(distinct);
    }

    private static Set<Connection> broken(Lab lab, List<Connection> among) {
        Set<Connection> broken = new HashSet<>();
        among.forEach(connection -> {
            if (!lab.send(connection)) {
                broken.add(connection);
            }
        });
        return broken;
    }

    private Set<Connection> openedOn(Lab lab, BackendConfig backend) {
        Set<Connection> opened = new HashSet<>(connections);
        opened.removeIf(connection -> !lab.backendOf(connection).equals(backend.address()));
        return opened;
    }

    @Test
    void twoNodesThatListVipsAndBackendsInAnotherOrderChooseTheSameBackend() {
        try (Lab lab = new Lab(config(B1, B2, B3), reversed(B1, B2, B3))) {
            Map<IpAddress, Integer> counts = new HashMap<>();
            for (Connection connection : connections) {
                IpAddress backend = lab.through(lab.nodes.get(0), connection, SYN);
                assertThat(lab.through(lab.nodes.get(1), connection, ACK)).isEqualTo(backend);
                counts.merge(backend, 1, Integer::sum);
            }
            assertThat(counts).hasSize(3);
            assertThat(lab.nodes.get(1).counter(WorkerCounter.FLOW_MISSES)).isEqualTo(connections.size());
        }
    }

    @Test
    void noConnectionBreaksWhenTheRouterSpreadsAnewOverFewerNodes() {
        try (Lab lab = new Lab(config(B1, B2, B3), reversed(B1, B2, B3), config(B3, B1, B2))) {
            connections.forEach(lab::open);
            lab.withdraw(1);
            assertThat(broken(lab, connections)).isEmpty();
        }
    }

    @Test
    void whenABackendLeavesOnlyItsFlowsMoveAndAreCounted() {
        try (Lab lab = new Lab(config(B1, B2, B3), reversed(B1, B2, B3))) {
            connections.forEach(lab::open);
            lab.reload(config(B1, B3), reversed(B1, B3));
            assertThat(broken(lab, connections)).isEqualTo(openedOn(lab, B2)).isNotEmpty();
            assertThat(repins(lab)).isEqualTo(openedOn(lab, B2).size());
            broken(lab, connections);
            assertThat(repins(lab)).isEqualTo(openedOn(lab, B2).size());
        }
    }

    @Test
    void whenABackendComesNoFlowMovesAndNewOnesReachIt() {
        try (Lab lab = new Lab(config(B1, B2), reversed(B1, B2))) {
            List<Connection> old = connections.subList(0, 300);
            old.forEach(lab::open);
            lab.reload(config(B1, B4, B2), reversed(B4, B1, B2));
            assertThat(broken(lab, old)).isEmpty();
            List<Connection> fresh = connections.subList(300, 600);
            assertThat(fresh.stream().map(lab::open)).contains(B4.address());
            assertThat(broken(lab, connections)).isEmpty();
        }
    }

    @Test
    void aDrainedBackendKeepsItsFlowsAndGetsNoNewOnes() {
        try (Lab lab = new Lab(config(B1, B2, B3), reversed(B1, B2, B3))) {
            List<Connection> old = connections.subList(0, 300);
            old.forEach(lab::open);
            lab.reload(config(B1_DRAINED, B2, B3), reversed(B1_DRAINED, B2, B3));
            assertThat(broken(lab, old)).isEmpty();
            assertThat(connections.subList(300, 600).stream().map(lab::open)).doesNotContain(B1.address());
            assertThat(broken(lab, connections)).isEmpty();
            assertThat(repins(lab)).isZero();
        }
    }

    @Test
    void aNewEncapsulationAnotherPoolsNameOrAnotherVipsNameMoveNoFlow() {
        L4lbConfig before = config(B1, B2, B3);
        L4lbConfig after = base().pool("other", B4)
                .pool("renamed", B3, B4, B2, B1)
                .vip("t6", "2001:db8:f::1", Protocol.TCP, 443, "renamed", Encapsulation.GRE)
                .vip("a6", "2001:db8:f::2", Protocol.TCP, 0, "renamed", Encapsulation.GUE, Affinity.FLOW)
                .vip("t4", "198.51.100.1", Protocol.TCP, 443, "renamed", Encapsulation.GRE)
                .vip("a4", "198.51.100.2", Protocol.TCP, 0, "renamed", Encapsulation.IPIP)
                .build();
        try (Lab lab = new Lab(before)) {
            connections.forEach(lab::open);
            lab.reload(after);
            assertThat(broken(lab, connections)).isEmpty();
            assertThat(repins(lab)).isZero();
            lab.reload(before);
            assertThat(broken(lab, connections)).isEmpty();
        }
    }

    @Test
    void aVipThatMovesToAPoolWithoutItsBackendsMovesItsFlowsOnly() {
        L4lbConfig after = base().pool("web", B1, B2)
                .pool("new", B4)
                .vip("tcp4", "198.51.100.1", Protocol.TCP, 443, "new", Encapsulation.IPIP)
                .vip("any4", "198.51.100.2", Protocol.TCP, 0, "web", Encapsulation.GUE)
                .vip("tcp6", "2001:db8:f::1", Protocol.TCP, 443, "web", Encapsulation.GRE)
                .vip("any6", "2001:db8:f::2", Protocol.TCP, 0, "web", Encapsulation.IPIP, Affinity.SOURCE)
                .build();
        try (Lab lab = new Lab(config(B1, B2))) {
            connections.forEach(lab::open);
            lab.reload(after);
            assertThat(broken(lab, connections))
                    .allMatch(connection -> connection.vip().equals("198.51.100.1"))
                    .hasSize((int) connections.stream()
                            .filter(connection -> connection.vip().equals("198.51.100.1"))
                            .count());
        }
    }

    @Test
    void numbersOfVipsAndDestinationsStayTheirsForEver() {
        try (Lab lab = new Lab(config(B1, B2, B3))) {
            PipelineRig node = lab.nodes.getFirst();
            List<?> destinations = List.copyOf(node.numbers.destinations());
            L4lbConfig config = config(B1, B2, B3);
            List<Integer> vips =
                    config.vips().stream().map(node.numbers::vipNumber).toList();
            lab.reload(reversed(B4));
            lab.reload(reversed(B3, B2, B1, B4));
            assertThat(config.vips().stream().map(node.numbers::vipNumber)).isEqualTo(vips);
            assertThat(node.numbers.destinations().subList(0, destinations.size()))
                    .isEqualTo(destinations);
            assertThat(new HashSet<>(vips)).hasSize(4).doesNotContain(0);
        }
    }

    @Test
    void countersOfABackendThatStaysGoOnOverReloads() {
        try (Lab lab = new Lab(config(B1, B2))) {
            connections.forEach(lab::open);
            CounterSnapshot before = lab.nodes.getFirst().snapshot();
            lab.reload(reversed(B1, B2));
            connections.forEach(lab::send);
            CounterSnapshot after = lab.nodes.getFirst().snapshot();
            for (CounterSnapshot.BackendSnapshot backend : before.backends()) {
                assertThat(after.backends())
                        .contains(new CounterSnapshot.BackendSnapshot(
                                backend.pool(), backend.name(), 2 * backend.packets(), 2 * backend.bytes()));
            }
        }
    }

    /** Any of these, in any order, on both nodes at once: what a node has pinned stays while its backend does. */
    @Test
    void noFlowMovesWhileItsBackendLivesWhateverElseChanges() {
        try (Lab lab = new Lab(config(B1, B2, B3), reversed(B1, B2, B3))) {
            Set<Connection> open = new HashSet<>();
            for (int step = 0; step < 60; step++) {
                List<BackendConfig> backends = new ArrayList<>();
                for (BackendConfig each : List.of(B1, B2, B3, B4)) {
                    int weight = random.nextInt(4) * 40;
                    if (random.nextInt(5) != 0) {
                        backends.add(new BackendConfig(each.name(), each.address(), weight, each.mac()));
                    }
                }
                backends.add(backend("b9", "10.0.0.9", 10));
                BackendConfig[] now = backends.toArray(BackendConfig[]::new);
                lab.reload(config(now), reversed(now));
                open.removeIf(connection -> !isAlive(lab, connection, now));
                assertThat(broken(lab, new ArrayList<>(open)))
                        .as("seed %d, step %d", seed, step)
                        .isEmpty();
                openSome(connection -> {
                    if (open.add(connection)) {
                        lab.open(connection);
                    }
                });
                lab.sleepSeconds(random.nextInt(30));
            }
            assertThat(open.size()).isGreaterThan(50);
        }
    }

    private void openSome(Consumer<Connection> action) {
        for (int i = 0; i < 40; i++) {
            Connection one = connections.get(random.nextInt(connections.size()));
            action.accept(one);
        }
    }

    private static boolean isAlive(Lab lab, Connection connection, BackendConfig... backends) {
        return Arrays.stream(backends).anyMatch(backend -> backend.address().equals(lab.backendOf(connection)));
    }

    private static long repins(Lab lab) {
        return lab.nodes.stream()
                .mapToLong(node -> node.counter(WorkerCounter.FLOW_REPINS))
                .sum();
    }

    @Test
    void withoutBackendsPacketsAreDroppedForThatReason() {
        L4lbConfig config = config(B1_DRAINED);
        try (PipelineRig node = new PipelineRig(config)) {
            VipConfig vip = config.vips().getFirst();
            node.receive(io.l4lb.testing.PacketBuilder.tcp(
                            "203.0.113.1", 1, vip.address().toString(), vip.l4Port(), SYN)
                    .build());
            node.work(1);
            assertThat(node.drops(DropReason.NO_BACKEND)).isEqualTo(1);
            assertThat(node.counter(WorkerCounter.FLOWS)).isZero();
        }
    }
}
