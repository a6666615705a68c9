package io.l4lb.demo.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;

/**
 * Opens connections through VIPs to {@link EchoProgram}s, exchanges lines on all of them, and tells of each that breaks: the truth
 * about connections, from both ends, whatever the nodes in the middle believe. One thread. Until it is killed.
 */
final class CheckerProgram {
    private static final long TICK_MS = 20;
    private static final long TELL_MS = 200;
    /** A start of a thousand connections at once would be a burst that nodes on shared CPUs must drop from. */
    private static final int STARTS_A_TICK = 10;

    private final Selector selector;
    private final int wanted;
    private final long periodMs;
    private final long patienceMs;
    private final List<InetSocketAddress> servers;
    private final List<CheckedConnection> connections = new ArrayList<>();
    private final List<CheckedConnection> living = new ArrayList<>();
    private long startedMs;
    private long toldMs;

    private CheckerProgram(
            Selector selector, int wanted, long periodMs, long patienceMs, List<InetSocketAddress> servers) {
        this.selector = selector;
        this.wanted = wanted;
        this.periodMs = periodMs;
        this.patienceMs = patienceMs;
        this.servers = servers;
    }

    /**
     * The arguments: connections, ms from line to line of each, ms to wait for an answer, the L4 port, the addresses of the VIPs.
     */
    public static void main(String[] arguments) throws IOException {
        int l4Port = Integer.parseInt(arguments[3]);
        List<InetSocketAddress> servers = List.of(arguments).subList(4, arguments.length).stream()
                .map(address -> new InetSocketAddress(address, l4Port))
                .toList();
        try (Selector selector = Selector.open()) {
            new CheckerProgram(
                            selector,
                            Integer.parseInt(arguments[0]),
                            Long.parseLong(arguments[1]),
                            Long.parseLong(arguments[2]),
                            servers)
                    .check();
        }
    }

    private void check() throws IOException {
        while (!Thread.currentThread().isInterrupted()) {
            selector.select(TICK_MS);
            for (SelectionKey key : selector.selectedKeys()) {
                ((CheckedConnection) key.attachment()).handle(key);
            }
            selector.selectedKeys().clear();
            long nowMs = System.currentTimeMillis();
            start(nowMs);
            living.forEach(connection -> connection.tick(nowMs, periodMs, patienceMs));
            tell(nowMs);
        }
    }

    private void start(long nowMs) throws IOException {
        if (nowMs - startedMs < TICK_MS) {
            return;
        }
        startedMs = nowMs;
        for (int i = 0; i < STARTS_A_TICK && connections.size() < wanted; i++) {
            int number = connections.size();
            CheckedConnection connection =
                    CheckedConnection.open(number, servers.get(number % servers.size()), selector, nowMs);
            connections.add(connection);
            living.add(connection);
        }
    }

    private void tell(long nowMs) {
        living.stream()
                .filter(CheckedConnection::isBroken)
                .forEach(connection ->
                        System.out.println(connection.broken(nowMs).text()));
        living.removeIf(CheckedConnection::isBroken);
        if (nowMs - toldMs >= TELL_MS) {
            toldMs = nowMs;
            System.out.println(CheckedState.of(nowMs, connections).text());
        }
        System.out.flush();
    }
}
