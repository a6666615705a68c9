/**
 * Stage 4: the backend of each flow, from the worker's flow table or, for a new flow, from the VIP's Maglev table.
 *
 * <pre>
 * receive → parse → classify → [pin] → encapsulate → transmit
 * </pre>
 */
package io.l4lb.pin;
