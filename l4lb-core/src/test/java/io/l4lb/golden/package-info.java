/**
 * Packets in, packets out: runs every case under {@code src/test/resources/golden} through the code of {@code replay}.
 * The cases are made by scapy, from the specification alone; see {@code src/test/scapy/README.md}.
 */
package io.l4lb.golden;
