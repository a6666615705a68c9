package io.l4lb.worker;

import io.l4lb.config.L4lbConfig;
import io.l4lb.net.IpAddress;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.SentFrame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A router that spreads flows over nodes by hash, nodes, and backends that know their connections: a backend that gets a
 * segment of a connection it does not know would answer with RST, which is a broken connection. Stepped by one thread.
 */
final class Lab implements AutoCloseable {
    /** One client's connection, by TCP. */
    record Connection(String client, int clientL4Port, String vip, int l4Port) {}

    final List<PipelineRig> nodes = new ArrayList<>();
    private final List<PipelineRig> announcing = new ArrayList<>();
    private final Map<Connection, IpAddress> acceptedBy = new HashMap<>();
    private long nowNs;

    Lab(L4lbConfig... configs) {
        for (L4lbConfig config : configs) {
            nodes.add(new PipelineRig(config));
        }
        announcing.addAll(nodes);
    }

    /** The router sends nothing to that node any more, and spreads anew over the others. */
    void withdraw(int node) {
        announcing.remove(nodes.get(node));
    }

    void reload(L4lbConfig... configs) {
        for (int i = 0; i < configs.length; i++) {
            nodes.get(i).reload(configs[i]);
        }
    }

    void sleepSeconds(double seconds) {
        nowNs += (long) (seconds * 1e9);
    }

    /** A SYN; {@return the backend that accepted it} */
    IpAddress open(Connection connection) {
        IpAddress backend = route(connection, PacketBuilder.SYN);
        acceptedBy.put(connection, backend);
        return backend;
    }

    /** A segment; {@return whether it reached the backend that accepted the connection} */
    boolean send(Connection connection) {
        return route(connection, PacketBuilder.ACK).equals(acceptedBy.get(connection));
    }

    IpAddress backendOf(Connection connection) {
        return acceptedBy.get(connection);
    }

    private IpAddress route(Connection connection, int flags) {
        int choice = Math.floorMod(connection.hashCode() * 0x9e3779b1, announcing.size());
        return through(announcing.get(choice), connection, flags);
    }

    /** {@return the backend that a packet reaches through that node} */
    IpAddress through(PipelineRig node, Connection connection, int flags) {
        nowNs += 1000;
        byte[] frame = PacketBuilder.tcp(
                        connection.client, connection.clientL4Port, connection.vip, connection.l4Port, flags)
                .build();
        byte[] sent = node.forward(frame, nowNs);
        return SentFrame.read(sent, sent.length, node.mac()).backend();
    }

    @Override
    public void close() {
        nodes.forEach(PipelineRig::close);
    }
}
