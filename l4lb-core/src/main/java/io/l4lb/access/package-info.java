/**
 * Between stages 3 and 4, where a VIP has an access list: packets of clients that are not let in are dropped.
 *
 * <pre>
 * receive → parse → classify → [access] → pin → encapsulate → transmit
 * </pre>
 */
package io.l4lb.access;
