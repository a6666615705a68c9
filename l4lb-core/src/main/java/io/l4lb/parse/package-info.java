/**
 * Stage 2: Ethernet, VLAN tags and the IP header; finds where layer 4 begins.
 *
 * <pre>
 * receive → [parse] → classify → pin → encapsulate → transmit
 * </pre>
 */
package io.l4lb.parse;
