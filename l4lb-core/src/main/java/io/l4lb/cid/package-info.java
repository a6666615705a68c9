/**
 * QUIC connection IDs that say which server issued them: draft-ietf-quic-load-balancers-21, "QUIC-LB: Generating Routable QUIC
 * Connection IDs". Configurations, keys, server IDs, and their decoding; what the configuration, the forwarding table and the
 * stage {@code quic} share.
 */
package io.l4lb.cid;
