/**
 * The kernel's side of an ethPort, as a worker sees it: which of the packets that are not for a VIP may go there, and what
 * comes from there.
 *
 * <pre>
 * receive → parse → classify → pin → encapsulate → [punt limit] → transmit ─► NIC
 *                                                                    │         ▲
 *                                                                    ▼         │ from kernel
 *                                                          the kernel's side of the NIC
 * </pre>
 */
package io.l4lb.punt;
