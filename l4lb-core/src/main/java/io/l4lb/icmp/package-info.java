/**
 * Between stages 3 and 4, for what classify diverts: echo requests to VIPs are answered, ICMP errors go to the owner of the flow
 * that they quote.
 *
 * <pre>
 * receive → parse → classify → [icmp] → pin → encapsulate → transmit
 * </pre>
 */
package io.l4lb.icmp;
