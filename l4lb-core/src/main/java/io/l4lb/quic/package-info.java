/**
 * Beside the stages: packets to VIPs that route QUIC by connection ID. Run only when classify has diverted some.
 *
 * <pre>
 * receive → parse → classify ─► [quic] ─► pin → encapsulate → transmit
 * </pre>
 */
package io.l4lb.quic;
