/**
 * Stage 1: polls the RX queue and opens the mbufs.
 *
 * <pre>
 * [receive] → parse → classify → pin → encapsulate → transmit
 * </pre>
 */
package io.l4lb.receive;
