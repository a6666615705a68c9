package io.l4lb.demo.checker;

import io.l4lb.demo.lab.Lab;
import io.l4lb.demo.lab.LabNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * At the same moment a node is killed, a backend added and the weight of another changed on the nodes that live: the router sends
 * the flows of the dead node to nodes that have not seen them and whose Maglev tables are others now.
 */
public final class Upheaval {
    private static final String LAST = "{name: backend3,";
    private static final String REWEIGHTED = "{name: backend1,";
    private static final Duration RELOAD_LIMIT = Duration.ofSeconds(10);

    private Upheaval() {}

    /** Carries it out; {@code victim} is one of {@code nodes}. {@return when it was killed} */
    public static Instant carryOut(Lab lab, List<LabNode> nodes, LabNode victim)
            throws IOException, InterruptedException {
        changeBackends(lab, nodes, victim);
        Instant killed = Instant.now();
        victim.kill();
        return killed;
    }

    /**
     * What goes before the kill, and not after it: flows that come to the others while their tables are still the old ones would find
     * their backend by these.
     */
    public static void changeBackends(Lab lab, List<LabNode> nodes, LabNode victim)
            throws IOException, InterruptedException {
        configure(lab);
        reload(nodes.stream().filter(node -> node != victim).toList());
    }

    /** The configurations of all nodes have another backend, and another weight of one; no node has read them. */
    public static void configure(Lab lab) throws IOException {
        lab.configureAll(text -> text.lines().flatMap(Upheaval::changed).collect(Collectors.joining("\n", "", "\n")));
    }

    /** The configurations are again what they were at the start. */
    public static void undo(Lab lab, List<LabNode> nodes) throws IOException, InterruptedException {
        lab.restoreBackends();
        reload(nodes);
    }

    /** Addresses and MAC of backend 3 end in 23, those of backend 4 in 24. */
    private static Stream<String> changed(String line) {
        if (line.contains(LAST)) {
            return Stream.of(line, line.replace("backend3", "backend4").replace("23\"", "24\""));
        }
        return Stream.of(line.contains(REWEIGHTED) ? line.replace("weight: 100", "weight: 300") : line);
    }

    /** All are told at once. */
    private static void reload(List<LabNode> nodes) throws IOException, InterruptedException {
        List<Long> wanted = new ArrayList<>();
        for (LabNode node : nodes) {
            wanted.add(node.reloads() + 1);
            node.askToReload();
        }
        for (int i = 0; i < nodes.size(); i++) {
            if (!nodes.get(i).awaitReloads(wanted.get(i), RELOAD_LIMIT)) {
                throw new IOException(nodes.get(i).name() + " has not reloaded its configuration; see "
                        + nodes.get(i).log());
            }
        }
    }
}
