package io.l4lb.demo.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.demo.checker.Checker;
import io.l4lb.demo.checker.EchoServers;
import io.l4lb.demo.client.CheckedState;
import io.l4lb.demo.lab.Lab;
import io.l4lb.demo.lab.LabNode;
import io.l4lb.demo.lab.LabVip;
import io.l4lb.demo.lab.NodeCounters;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A thousand connections exchange lines over two nodes while each node gets ten times as many new flows as its tables hold: of SYNs,
 * then of ACKs that belong to nothing, then of a forger who writes both and so fills the tables with flows that count as proven. None
 * breaks, also not when one of the nodes leaves afterwards and the other one goes on by what it was told. Prints its figures; those of
 * {@code bench/results} are of tables of 16,384 flows ({@code -Dl4lb.attack.flows=16384}).
 */
class AttackIT {
    private static final int CONNECTIONS = 1000;
    private static final int NODES = 2;
    /** Of each family and node. */
    private static final int TABLE_FLOWS = Integer.getInteger("l4lb.attack.flows", 4096);

    private static final String LAB_FLOWS = "flowTable: {flows: 16384,";
    private static final String LAB_CHECK = "intervalMs: 500, timeoutMs: 500, rise: 2, fall: 3";
    /** A check that waits for a CPU would take its backend down, whose flows then move: not what is to be tested. */
    private static final String PATIENT_CHECK = "intervalMs: 5000, timeoutMs: 5000, rise: 1, fall: 20";

    private static final int FAMILIES = 2;
    private static final int TIMES = 10;
    /** Of a flood of proven flows so many fill both tables: they have 15 entries for 8 configured flows. */
    private static final int TIMES_PROVEN = 3;
    /** Below what two nodes that share two cores with the rest of the lab take; what is lost is sent again. */
    private static final int PACKETS_A_SECOND = 40_000;

    private static final int PACKETS_AT_ONCE = 80_000;
    private static final int L4_PORT = 7007;
    private static final Duration LIMIT = Duration.ofMinutes(5);
    /** A flow that lost its backend is answered by RST at once; silence is that of packets lost in the crowd, sent again. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String SCRIPT =
            System.getProperty("l4lb.root") + "/ecmp-tier/src/test/resources/kernel/flood.py";

    private final List<LabNode> nodes = new ArrayList<>();
    private Lab lab;

    @AfterEach
    void remove() {
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES) // each wait has a bound of its own
    void noEstablishedConnectionBreaksUnderAFlood() throws IOException, InterruptedException {
        start();
        try (Checker checker = Checker.start(lab, CONNECTIONS, PATIENCE)) {
            assertThat(checker.awaitEstablished(LIMIT).proven()).isEqualTo(CONNECTIONS);
            Count syn = flood(checker, "syn", TIMES);
            assertThat(syn.evictions()).as("flows that gave way").isPositive();
            flood(checker, "ack", TIMES);
            Count pair = flood(checker, "pair", TIMES_PROVEN);
            assertThat(pair.unpinned()).as("flows without a place").isPositive();
            lab.steerTo(1);
            CheckedState state = verdict(checker);
            System.out.printf(
                    "AttackIT: then node2 leaves: %d of %d broken%n",
                    state.broken().size(), CONNECTIONS);
        } catch (IOException | AssertionError e) {
            throw new AssertionError(e.getMessage() + lab.endOfLogs(), e);
        }
    }

    private void start() throws IOException, InterruptedException {
        Optional<String> reason = Lab.unavailableReason();
        reason.ifPresent(text -> System.err.println("AttackIT is skipped: " + text));
        assumeTrue(reason.isEmpty(), () -> reason.orElseThrow());
        lab = new Lab("l4lb-attack-" + ProcessHandle.current().pid());
        lab.up(NODES);
        lab.configureFromTheStart(AttackIT::withTables);
        // what backends answer to clients that are none ends here, as it does somewhere in the internet
        lab.runIn("router", "ip", "route", "add", "blackhole", "198.18.0.0/15");
        lab.runIn("router", "ip", "-6", "route", "add", "blackhole", "2001:db8:bad::/64");
        EchoServers.start(lab);
        for (int number = 1; number <= NODES; number++) {
            nodes.add(lab.startNode(number));
        }
        for (LabNode node : nodes) {
            node.awaitReady(LIMIT);
            node.awaitBackends(LIMIT);
        }
    }

    private static String withTables(String configuration) {
        assertThat(configuration).contains(LAB_FLOWS, LAB_CHECK);
        return configuration
                .replace(LAB_FLOWS, "flowTable: {flows: " + TABLE_FLOWS + ",")
                .replace(LAB_CHECK, PATIENT_CHECK);
    }

    /** Until each node has met so many packets of flows that it does not know as {@code times} its tables hold flows; {@return what both counted} */
    private Count flood(Checker checker, String kind, int times) throws IOException, InterruptedException {
        long wanted = (long) times * TABLE_FLOWS * FAMILIES;
        List<Count> before = counts();
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        long sent = 0;
        List<Count> after = before;
        while (fewest(before, after) < wanted) {
            assertThat(System.nanoTime() - deadlineNs)
                    .as("%s: sent %d packets, the nodes met %s", kind, sent, after)
                    .isNegative();
            String said = send(kind);
            sent += Long.parseLong(said.substring(0, said.indexOf(' ')));
            after = counts();
        }
        CheckedState state = verdict(checker);
        Count total = after.get(0).minus(before.get(0)).plus(after.get(1).minus(before.get(1)));
        System.out.printf(
                "AttackIT: %s: %d packets sent, %d received, %d of flows that nobody knew (%d x the tables of %d nodes): %d"
                        + " began one, %d flows gave way, %d packets found no place; %d of %d connections broken%n",
                kind,
                sent,
                total.received(),
                total.unknown(),
                total.unknown() / ((long) NODES * FAMILIES * TABLE_FLOWS),
                NODES,
                total.begun(),
                total.evictions(),
                total.unpinned(),
                state.broken().size(),
                CONNECTIONS);
        return total;
    }

    /** {@return how many packets, and how many a second} */
    private String send(String kind) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", SCRIPT, kind, "" + PACKETS_AT_ONCE));
        command.add("" + PACKETS_A_SECOND);
        command.add(lab.runIn("router", "cat", "/sys/class/net/client/address").strip());
        command.add("" + L4_PORT);
        lab.vips().stream().map(LabVip::address).forEach(command::add);
        return lab.runIn("client", command.toArray(String[]::new)).strip();
    }

    private static CheckedState verdict(Checker checker) throws IOException, InterruptedException {
        CheckedState state = checker.awaitVerdict(Instant.now(), LIMIT);
        assertThat(state.broken()).isEmpty();
        return state;
    }

    private static long fewest(List<Count> before, List<Count> after) {
        long fewest = Long.MAX_VALUE;
        for (int i = 0; i < before.size(); i++) {
            fewest = Math.min(fewest, after.get(i).unknown() - before.get(i).unknown());
        }
        return fewest;
    }

    private List<Count> counts() throws IOException, InterruptedException {
        List<Count> counts = new ArrayList<>();
        for (LabNode node : nodes) {
            NodeCounters counters = node.counters();
            counts.add(new Count(
                    counters.rxPackets(), counters.flowMisses(), counters.flowEvictions(), counters.flowUnpinned()));
        }
        return counts;
    }

    /**
     * What nodes counted.
     *
     * @param received packets
     * @param begun flows that got an entry
     * @param unpinned packets of flows without one
     */
    private record Count(long received, long begun, long evictions, long unpinned) {
        /** {@return packets of flows that had no entry} */
        long unknown() {
            return begun + unpinned;
        }

        Count minus(Count other) {
            return new Count(
                    received - other.received,
                    begun - other.begun,
                    evictions - other.evictions,
                    unpinned - other.unpinned);
        }

        Count plus(Count other) {
            return minus(new Count(-other.received, -other.begun, -other.evictions, -other.unpinned));
        }
    }
}
