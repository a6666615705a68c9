package io.l4lb.demo.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.demo.lab.Lab;
import io.l4lb.demo.lab.LabNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * QUIC clients of one library and servers of another, whose connection IDs have their servers' IDs; the clients' L4 ports change: first the
 * client itself takes another one, then the router does so for all of them, as a NAT that forgets, while answers are under way. Each time
 * the router may choose another node, and the flow's hash another backend.
 */
class QuicIT {
    private static final Duration READY_LIMIT = Duration.ofMinutes(3);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long POLL_MS = 100;
    private static final int NODES = 2;
    private static final int BACKENDS = 3;
    private static final int CLIENTS = 40;
    private static final int ROUTED_L4_PORT = 443;

    /** The same servers without {@code quic:}. */
    private static final int PLAIN_L4_PORT = 444;

    private static final String IPV4_VIP = "203.0.113.1";
    private static final String IPV6_VIP = "2001:db8:f::4";
    private static final String KEY = "8f95f09245765f80256934e50c66207f";

    /** Clients have those of one block; the router puts another block in its place, and then others. */
    private static final int L4_PORT_BLOCK = 0x1000;

    private static final int CLIENT_L4_PORTS = 0x8 * L4_PORT_BLOCK;
    private static final int NAT_CHANGES = 3;

    private static Lab lab;
    private static Path folder;
    private static Path finish;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Optional<String> reason = Lab.unavailableReason()
                .or(QuicClient::unavailableReason)
                .or(() -> Files.isExecutable(Path.of("/usr/sbin/nft"))
                        ? Optional.empty()
                        : Optional.of("nft (nftables) is not installed"));
        reason.ifPresent(text -> System.err.println("QuicIT is skipped: " + text));
        assumeTrue(reason.isEmpty(), () -> reason.orElseThrow());
        lab = new Lab("l4lb-quic-" + ProcessHandle.current().pid());
        lab.up(NODES);
        folder = Files.createDirectories(lab.workDirectory().resolve("quic"));
        finish = folder.resolve("finish");
        lab.configureFromTheStart(QuicIT::withQuic);
        lab.runIn(
                "client",
                "sysctl",
                "-qw",
                "net.ipv4.ip_local_port_range=" + CLIENT_L4_PORTS + " " + (CLIENT_L4_PORTS + L4_PORT_BLOCK - 1));
        for (int backend = 1; backend <= BACKENDS; backend++) {
            startServer("backend" + backend, serverId(backend));
        }
        List<LabNode> nodes = new ArrayList<>();
        for (int number = 1; number <= NODES; number++) {
            nodes.add(lab.startNode(number));
        }
        for (LabNode node : nodes) {
            node.awaitReady(READY_LIMIT);
            node.awaitBackends(READY_LIMIT);
        }
    }

    private static String serverId(int backend) {
        return "0a3f00%02x".formatted(backend);
    }

    /** Beside the VIP of nginx two for UDP, one with {@code quic:}; and the backends' IDs. */
    private static String withQuic(String configuration) {
        return configuration.lines().flatMap(QuicIT::withQuicLine).collect(Collectors.joining("\n", "", "\n"));
    }

    private static Stream<String> withQuicLine(String line) {
        String http = "protocol: tcp, l4Port: 80,";
        if (line.contains(http) && (line.contains(IPV4_VIP + "\"") || line.contains(IPV6_VIP + "\""))) {
            String lengths =
                    "serverIdBytes: %d, nonceBytes: %d".formatted(RoutableIds.SERVER_ID_BYTES, RoutableIds.NONCE_BYTES);
            String quic = "quic: {configs: [{id: %d, %s, key: \"%s\"}, {id: %d, %s}]}}"
                    .formatted(RoutableIds.ENCRYPTED_ID, lengths, KEY, RoutableIds.PLAIN_ID, lengths);
            String plain = line.replace("{name: ", "{name: plain-")
                    .replace(http, "protocol: udp, l4Port: " + PLAIN_L4_PORT + ",");
            String routed = line.replace("{name: ", "{name: routed-")
                    .replace(http, "protocol: udp, l4Port: " + ROUTED_L4_PORT + ",")
                    .replaceFirst("}$", ", " + quic);
            return Stream.of(line, plain, routed);
        }
        for (int backend = 1; backend <= BACKENDS; backend++) {
            if (line.contains("{name: backend" + backend + ",")) {
                return Stream.of(line.replaceFirst("}$", ", quicServerId: \"" + serverId(backend) + "\"}"));
            }
        }
        return Stream.of(line);
    }

    private static void startServer(String backend, String serverId) throws IOException, InterruptedException {
        Path output = folder.resolve(backend);
        Path tls = lab.workDirectory().resolve("tls");
        List<String> arguments = new ArrayList<>(List.of(backend, serverId, KEY));
        arguments.addAll(List.of("" + tls.resolve("node1.key"), "" + tls.resolve("node1.pem"), "" + finish));
        for (String vip : List.of(IPV4_VIP, IPV6_VIP)) {
            arguments.addAll(List.of(vip, "" + ROUTED_L4_PORT, vip, "" + PLAIN_L4_PORT));
        }
        Process server =
                lab.startProgram(backend, output, QuicServerProgram.class.getName(), arguments.toArray(String[]::new));
        long deadlineNs = System.nanoTime() + READY_LIMIT.toNanos();
        while (!Files.readString(output).contains(QuicServerProgram.LISTENS)) {
            String log = Files.readString(folder.resolve(backend + ".log"));
            assertThat(server.isAlive()).as(log).isTrue();
            assertThat(System.nanoTime() - deadlineNs)
                    .as(backend + " listens: " + log)
                    .isNegative();
            Thread.sleep(POLL_MS);
        }
    }

    @AfterAll
    static void remove() {
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void aConnectionGoesOnWheneverItsClientsPortChanges() throws IOException, InterruptedException {
        List<QuicClient> clients = startClients(ROUTED_L4_PORT);
        awaitL4Ports(clients, 2);
        for (int change = 1; change <= NAT_CHANGES; change++) {
            rebind(CLIENT_L4_PORTS + change * L4_PORT_BLOCK);
            awaitL4Ports(clients, 2 + change);
        }

        finish(clients);

        print("with quic", clients);
        assertThat(clients)
                .as(lab.endOfLogs())
                .allMatch(QuicClient::whole)
                .allMatch(client -> client.l4Ports() == 2 + NAT_CHANGES);
        assertThat(clients.stream().map(QuicClient::backend).distinct()).hasSize(BACKENDS);
    }

    @Test
    void withoutConnectionIdsAChangeOfPortBreaksConnections() throws IOException, InterruptedException {
        List<QuicClient> clients = startClients(PLAIN_L4_PORT);
        awaitL4Ports(clients, 2);

        finish(clients);

        print("without", clients);
        assertThat(clients).anyMatch(client -> !client.whole());
    }

    /** All at once; both families. */
    private static List<QuicClient> startClients(int l4Port) throws IOException, InterruptedException {
        Files.deleteIfExists(finish);
        lab.runIn("router", "/usr/sbin/nft", "flush ruleset");
        List<QuicClient> clients = new ArrayList<>();
        for (int number = 0; number < CLIENTS; number++) {
            String vip = number % 2 == 0 ? IPV4_VIP : IPV6_VIP;
            clients.add(QuicClient.start(lab, folder.resolve(l4Port + "-" + number), vip, l4Port));
        }
        return clients;
    }

    /** Clients' ports leave the router as those of another block. What servers send to an earlier one still arrives, as at many a NAT. */
    private static void rebind(int l4Ports) throws IOException, InterruptedException {
        lab.runIn("router", "/usr/sbin/nft", """
                flush ruleset
                table inet rebinding {
                  chain l4ports {
                    type filter hook prerouting priority raw
                    iifname "client" udp sport %1$d-%2$d udp sport set udp sport & %3$d | %4$d
                    iifname "br0" udp dport %5$d-65535 udp dport set udp dport & %3$d | %1$d
                  }
                }
                """.formatted(
                        CLIENT_L4_PORTS,
                        CLIENT_L4_PORTS + L4_PORT_BLOCK - 1,
                        L4_PORT_BLOCK - 1,
                        l4Ports,
                        CLIENT_L4_PORTS + L4_PORT_BLOCK));
    }

    /** Until each server has seen its client at so many ports, or the client has given up; or for too long, as the end will show. */
    private static void awaitL4Ports(List<QuicClient> clients, int count) throws InterruptedException {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        for (QuicClient client : clients) {
            while (client.l4Ports() < count && !client.ended() && System.nanoTime() - deadlineNs < 0) {
                Thread.sleep(POLL_MS);
            }
        }
    }

    private static void finish(List<QuicClient> clients) throws IOException, InterruptedException {
        Files.createFile(finish);
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        for (QuicClient client : clients) {
            while (!client.ended()) {
                assertThat(System.nanoTime() - deadlineNs).as(client + " ends").isNegative();
                Thread.sleep(POLL_MS);
            }
        }
    }

    private static void print(String what, List<QuicClient> clients) {
        Map<String, Long> backends = clients.stream()
                .filter(client -> client.l4Ports() > 0)
                .collect(Collectors.groupingBy(QuicClient::backend, TreeMap::new, Collectors.counting()));
        System.out.printf(
                "QuicIT: %s: %d connections, to %s; servers saw them at %d L4 ports; %d broke%n",
                what,
                clients.size(),
                backends,
                clients.stream().mapToLong(QuicClient::l4Ports).sum(),
                clients.stream().filter(client -> !client.whole()).count());
    }
}
