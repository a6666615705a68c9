/**
 * Stage 3: which VIP a packet is for, whether its layer 4 is sound, and the hash of its flow; answers echo requests.
 *
 * <pre>
 * receive → parse → [classify] → pin → encapsulate → transmit
 * </pre>
 */
package io.l4lb.classify;
