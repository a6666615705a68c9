package io.l4lb.explain;

import io.l4lb.cid.CidScheme;
import io.l4lb.cid.ServerId;
import io.l4lb.config.BackendConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.config.access.AccessList;
import io.l4lb.net.IpAddress;
import java.util.Optional;

/** What becomes of a flow's first packet. */
public sealed interface Explanation {
    /** {@return the flow in question} */
    FlowSpec flow();

    /**
     * Encapsulated to a backend.
     *
     * @param pool the one of the VIP's pools that has the slot
     * @param slotCount slots of the VIP's Maglev table
     * @param hash the flow's hash
     * @param slot its slot
     * @param outerSource of the outer header; empty for l2, which has none
     * @param nextHop MAC that the frame goes to, or "kernel" when the kernel's routes decide
     */
    record Forwarded(
            FlowSpec flow,
            VipConfig vip,
            PoolConfig pool,
            int slotCount,
            long hash,
            int slot,
            BackendConfig backend,
            Optional<IpAddress> outerSource,
            String nextHop)
            implements Explanation {}

    /** To a VIP whose access list does not let the client in. */
    record Denied(FlowSpec flow, VipConfig vip, AccessList list) implements Explanation {}

    /**
     * Encapsulated to the backend that has made the packet's QUIC connection ID, whatever its flow.
     *
     * @param scheme the configuration that the connection ID names
     */
    record ByConnectionId(
            FlowSpec flow,
            VipConfig vip,
            PoolConfig pool,
            CidScheme scheme,
            ServerId serverId,
            BackendConfig backend,
            Optional<IpAddress> outerSource,
            String nextHop)
            implements Explanation {}

    /**
     * Where the flow goes, because its packet's QUIC connection ID says nothing.
     *
     * @param why it does not
     */
    record NotByConnectionId(String why, Explanation instead) implements Explanation {
        @Override
        public FlowSpec flow() {
            return instead.flow();
        }
    }

    /** To a VIP whose pools take no new flow. */
    record NoBackend(FlowSpec flow, VipConfig vip) implements Explanation {}

    /**
     * Not for a VIP: to the kernel.
     *
     * @param why what does not fit
     */
    record Punted(FlowSpec flow, String why) implements Explanation {}
}
