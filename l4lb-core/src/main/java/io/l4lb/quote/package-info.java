/**
 * What an ICMP error says of the packet that caused it: which flow it was of, or which destination it was encapsulated for. For icmp.
 */
package io.l4lb.quote;
