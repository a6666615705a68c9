/**
 * Stage 6: sends, punts, frees and counts.
 *
 * <pre>
 * receive → parse → classify → pin → encapsulate → [transmit]
 * </pre>
 */
package io.l4lb.transmit;
