/**
 * Stage 5: the outer header, in front of an inner packet that is not touched.
 *
 * <pre>
 * receive → parse → classify → pin → [encapsulate] → transmit
 * </pre>
 */
package io.l4lb.encapsulate;
