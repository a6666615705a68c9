package io.l4lb.demo.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the router's kernel uses for each VIP, followed by {@code ip monitor}, whose lines have the time of each change: so it
 * is known to a millisecond when the router stopped using a node, without asking all the time. Addresses of nodes end in 1N.
 */
public final class RouterRoutes {
    private static final Duration POLL = Duration.ofMillis(20);
    /** "[2026-11-21T09:17:19.714433] [Deleted ]203.0.113.1 proto bird … nexthop via 10.98.1.11 …" */
    private static final Pattern CHANGE = Pattern.compile("\\[(\\S+)] (Deleted )?([0-9a-f.:]+) (.*proto bird.*)");

    private static final Pattern VIA = Pattern.compile("via (?:inet6 )?(?:10\\.98\\.1\\.|fd98:1::)1(\\d)\\b");
    private static final int UNTIL_SEEN_MS = 200;

    private final LabProcesses processes;
    private final Path output;
    private final int vips;

    /** @param output what the monitor has printed so far */
    RouterRoutes(LabProcesses processes, Path output, int vips) {
        this.processes = processes;
        this.output = output;
        this.vips = vips;
    }

    /** {@code enterRouter} is what goes before a command; to be called before any node announces. */
    static RouterRoutes follow(LabProcesses processes, List<String> enterRouter, Path directory, int vips)
            throws IOException {
        Path output = directory.resolve("router.routes");
        List<String> command = new ArrayList<>(enterRouter);
        command.addAll(List.of("ip", "-o", "-ts", "monitor", "route"));
        processes.start(new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(directory.resolve("router.monitor.log").toFile()));
        return new RouterRoutes(processes, output, vips);
    }

    /** Waits until all VIPs go to exactly these nodes. */
    public void awaitNodes(Set<Integer> nodes, Duration limit) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        while (!used().values().stream().allMatch(nodes::equals) || used().size() < vips) {
            processes.check();
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IOException("the router does not send all VIPs to nodes " + nodes + " after "
                        + limit.toSeconds() + " s, but: " + used());
            }
            Thread.sleep(POLL);
        }
    }

    /** Waits until some VIP goes to the node. */
    public void awaitUse(int node, Duration limit) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        while (!uses(node)) {
            processes.check();
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IOException(
                        "the router does not use node" + node + " after " + limit.toSeconds() + " s: " + used());
            }
            Thread.sleep(POLL);
        }
    }

    /**
     * {@return how long after {@code since} the router stopped sending any VIP to a node}
     *
     * @throws IOException also when it sent none there at {@code since}: there is no time to tell
     */
    public Duration untilGone(int node, Instant since, Duration limit) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        while (uses(node)) {
            processes.check();
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IOException(
                        "the router still uses node" + node + " after " + limit.toMillis() + " ms: " + used());
            }
            Thread.sleep(POLL);
        }
        Thread.sleep(UNTIL_SEEN_MS); // the monitor writes a line at a time
        Map<String, Set<Integer>> used = new TreeMap<>();
        Optional<Instant> gone = Optional.empty();
        for (Change change : changes()) {
            boolean before = uses(used, node);
            change.carryOut(used);
            if (before && !uses(used, node) && change.time().isAfter(since)) {
                gone = Optional.of(change.time());
            }
        }
        return gone.map(time -> Duration.between(since, time))
                .orElseThrow(() -> new IOException("the router did not use node" + node + " at " + since));
    }

    private boolean uses(int node) throws IOException {
        return uses(used(), node);
    }

    private static boolean uses(Map<String, Set<Integer>> used, int node) {
        return used.values().stream().anyMatch(nodes -> nodes.contains(node));
    }

    private record Change(Instant time, boolean removed, String vip, Set<Integer> nodes) {
        void carryOut(Map<String, Set<Integer>> used) {
            if (removed) {
                used.remove(vip);
            } else {
                used.put(vip, nodes);
            }
        }
    }

    private List<Change> changes() throws IOException {
        List<Change> changes = new ArrayList<>();
        for (String line : Files.readAllLines(output)) {
            Matcher change = CHANGE.matcher(line);
            if (change.matches()) {
                Set<Integer> nodes = new TreeSet<>();
                VIA.matcher(change.group(4)).results().forEach(via -> nodes.add(Integer.parseInt(via.group(1))));
                Instant time = LocalDateTime.parse(change.group(1))
                        .atZone(ZoneId.systemDefault())
                        .toInstant();
                changes.add(new Change(time, change.group(2) != null, change.group(3), nodes));
            }
        }
        return changes;
    }

    /** {@return the nodes that each VIP goes to} */
    private Map<String, Set<Integer>> used() throws IOException {
        Map<String, Set<Integer>> used = new TreeMap<>();
        changes().forEach(change -> change.carryOut(used));
        return used;
    }
}
