/**
 * Between stages 5 and 6, for packets that are too big with their outer header: sends them in outer fragments.
 *
 * <pre>
 * receive → parse → classify → pin → encapsulate → [outer] → transmit
 * </pre>
 */
package io.l4lb.outer;
