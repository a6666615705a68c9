/**
 * Between classify and pin, and only for fragments to VIPs' addresses: gives each the flow of its datagram's first fragment, holds
 * what comes before that, drops what is an attack. See docs/design/18-fragments.md.
 *
 * <pre>
 * receive → parse → classify → [fragment] → pin → encapsulate → transmit
 * </pre>
 */
package io.l4lb.fragment;
