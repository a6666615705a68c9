package io.l4lb.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.demo.checker.Checker;
import io.l4lb.demo.checker.Upheaval;
import io.l4lb.demo.lab.Lab;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A node talks to its configured peers, its BGP neighbours and its health checks' targets, and to nobody else: its sockets are
 * looked at all the time, and its namespace has no default route, so that the kernel counts each attempt to reach a machine that is
 * not on the segment, however short. Chronicle's analytics would be such an attempt.
 */
class NothingLeavesIT {
    private static final int CONNECTIONS = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long LOOK_MS = 100;
    private static final int EPHEMERAL_FROM = 32_768;
    private static final String REPLICATION = ":7654";
    private static final String BGP = ":179";
    /** "tcp ESTAB 0 0 [::ffff:10.98.1.11]:55520 [::ffff:10.98.1.13]:7654 users:(("java",…))" */
    private static final Pattern SOCKET =
            Pattern.compile("(tcp|udp)\\s+(\\S+)\\s+\\d+\\s+\\d+\\s+(\\S+)\\s+(\\S+)\\s*(.*)");

    private final Set<String> unexpected = new ConcurrentSkipListSet<>();
    private final Set<String> remotes = new ConcurrentSkipListSet<>();
    private final AtomicInteger looks = new AtomicInteger();
    private final Map<Integer, Long> attemptsBefore = new LinkedHashMap<>();
    private SurvivalLab lab;

    @AfterEach
    void remove() {
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void aNodeTalksToItsPeersNeighboursAndHealthChecksOnly() throws IOException, InterruptedException {
        lab = SurvivalLab.start(true, this::closeTheWayOut);
        Thread watch = Thread.ofVirtual().start(this::watch);
        try (Checker checker = lab.connect(CONNECTIONS, PATIENCE)) {
            lab.awaitAllWell();
            assertNoAttempts();
            Upheaval.carryOut(lab.lab(), lab.nodes(), lab.node(2));
            // the kernel resets the checks of the killed process, and has no route to VIPs any more; its sockets are
            // still watched
            attemptsBefore.remove(2);
            lab.startAgain(2);
            lab.awaitAllWell();
            assertThat(checker.awaitVerdict(Instant.now(), SurvivalLab.LIMIT).broken())
                    .isEmpty();
        } finally {
            watch.interrupt();
            watch.join();
        }
        System.out.printf(
                "NothingLeavesIT: %d looks at the sockets of %d nodes; the other ends: %s; unexpected: %s%n",
                looks.get(), SurvivalLab.NODES, remotes, unexpected);
        assertThat(unexpected).isEmpty();
        assertThat(looks).hasPositiveValue();
        assertThat(remotes)
                .contains("10.98.1.11:7654", "10.98.1.12:7654", "10.98.1.13:7654")
                .anyMatch(remote -> remote.startsWith("10.98.1.1:"));
        assertNoAttempts();
        assertThatAnAttemptIsCounted();
    }

    private void assertNoAttempts() throws IOException, InterruptedException {
        for (int number : attemptsBefore.keySet()) {
            assertThat(attempts(lab.lab(), number))
                    .as("attempts of node%d's namespace to reach what is not on the segment", number)
                    .isEqualTo(attemptsBefore.get(number));
        }
    }

    /** Before a node starts. */
    private void closeTheWayOut(Lab built) throws IOException, InterruptedException {
        for (int number = 1; number <= SurvivalLab.NODES; number++) {
            built.runIn("node" + number, "ip", "route", "del", "default");
            built.runIn("node" + number, "ip", "-6", "route", "del", "default");
            attemptsBefore.put(number, attempts(built, number));
        }
    }

    /** {@return packets and connections that the kernel had no route for} */
    private static long attempts(Lab built, int number) throws IOException, InterruptedException {
        String text = built.runIn("node" + number, "cat", "/proc/net/snmp", "/proc/net/snmp6");
        List<String> ipv4 = text.lines().filter(line -> line.startsWith("Ip: ")).toList();
        int column = List.of(ipv4.get(0).split("\\s+", -1)).indexOf("OutNoRoutes");
        Matcher ipv6 = Pattern.compile("Ip6OutNoRoutes\\s+(\\d+)").matcher(text);
        assertThat(column).isPositive();
        assertThat(ipv6.find()).isTrue();
        return Long.parseLong(ipv4.get(1).split("\\s+", -1)[column]) + Long.parseLong(ipv6.group(1));
    }

    /** Or the test would see nothing whatever left. */
    private void assertThatAnAttemptIsCounted() throws IOException, InterruptedException {
        for (String elsewhere : List.of("http://192.0.2.1/", "http://[2001:db8:ffff::1]/")) {
            long before = attempts(lab.lab(), 1);
            lab.lab().runIn("node1", "sh", "-c", "curl --silent --max-time 5 " + elsewhere + " || true");
            assertThat(attempts(lab.lab(), 1)).as(elsewhere).isGreaterThan(before);
        }
    }

    private void watch() {
        Set<String> allowed = allowed();
        try {
            while (!Thread.currentThread().isInterrupted()) {
                for (int number = 1; number <= SurvivalLab.NODES; number++) {
                    look(number, lab.lab().runIn("node" + number, "ss", "-Htunap"), allowed);
                }
                looks.incrementAndGet();
                Thread.sleep(LOOK_MS);
            }
        } catch (IOException e) {
            unexpected.add("the watch failed: " + e.getMessage());
        } catch (InterruptedException _) {
            return; // all has been seen
        }
    }

    /** {@return the other nodes, the router, the backends, and the VIPs, through which health checks go} */
    private Set<String> allowed() {
        Set<String> addresses = new TreeSet<>(Set.of("10.98.1.1", "fd98:1::1"));
        for (int number = 1; number <= SurvivalLab.NODES; number++) {
            addresses.add("10.98.1.1" + number);
        }
        for (int backend = 1; backend <= SurvivalLab.NODES + 1; backend++) {
            addresses.addAll(List.of("10.98.1.2" + backend, "fd98:1::2" + backend));
        }
        for (int vip = 1; vip <= SurvivalLab.VIPS; vip++) {
            addresses.addAll(List.of("203.0.113." + vip, "2001:db8:f::" + vip));
        }
        return addresses;
    }

    private void look(int number, String sockets, Set<String> allowed) {
        for (String line : sockets.lines().toList()) {
            Matcher socket = SOCKET.matcher(line);
            String remote = socket.matches() ? plain(socket.group(4)) : "";
            if (remote.isEmpty()) {
                unexpected.add(line);
            } else if (remote.endsWith(":*")) {
                if (!isExpectedWithoutRemote(socket, "10.98.1.1" + number + REPLICATION)) {
                    unexpected.add("node" + number + ": " + line);
                }
            } else if (allowed.contains(remote.substring(0, remote.lastIndexOf(':')))) {
                remotes.add(withoutEphemeral(remote));
            } else {
                unexpected.add("node" + number + ": " + line);
            }
        }
    }

    /**
     * {@return whether it is where peers are listened for, BIRD's (which has no name any more in the moment when it ends), or a UDP socket
     * in the moment before it is connected} The node asks the kernel for its own address towards a backend by such a one, without sending
     * anything.
     */
    private static boolean isExpectedWithoutRemote(Matcher socket, String listens) {
        return socket.group(5).contains("\"bird\"")
                || socket.group(1).equals("udp")
                || (socket.group(2).equals("LISTEN")
                        && (plain(socket.group(3)).equals(listens)
                                || socket.group(3).endsWith(BGP)));
    }

    /** An ephemeral L4 port tells nothing. */
    private static String withoutEphemeral(String remote) {
        int colon = remote.lastIndexOf(':');
        boolean ephemeral = Integer.parseInt(remote.substring(colon + 1)) >= EPHEMERAL_FROM;
        return ephemeral ? remote.substring(0, colon) + ":..." : remote;
    }

    /** {@return without brackets, scope, and the IPv6 form of an IPv4 address} */
    private static String plain(String address) {
        return address.replaceAll("[\\[\\]]|::ffff:(?=\\d+\\.)|%[^:]*", "");
    }
}
