package io.l4lb.flow;

/**
 * Told of tracked flows, one a call: by a batch that is read, by a scan of the replica table. Numbers are those of
 * {@link ReplicaNumbers}; {@code code} is a flow's in {@link FlowStateDescriptor}; {@code proven}, {@code lamport} and {@code node} are its claim.
 */
public interface FlowEventSink {
    /** {@code clientAndPorts}: client address in the high half, both L4 ports in the low half, memory order. */
    void ipv4(
            long clientAndPorts,
            int vip,
            int backend,
            int code,
            boolean proven,
            long lamport,
            int node,
            int ageSeconds);

    /** {@code high}, {@code low}: the client's address; it and the L4 ports in memory order. */
    void ipv6(
            long high,
            long low,
            int ports,
            int vip,
            int backend,
            int code,
            boolean proven,
            long lamport,
            int node,
            int ageSeconds);

    /** That was the batch: a sink that holds events back to treat several together treats them now. */
    default void end() {}
}
