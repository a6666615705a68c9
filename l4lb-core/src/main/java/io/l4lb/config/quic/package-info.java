/** How a VIP's packets are routed by QUIC connection ID: as the configuration has it, read and checked. */
package io.l4lb.config.quic;
