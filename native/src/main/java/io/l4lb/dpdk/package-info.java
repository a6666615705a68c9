/**
 * DPDK for Java through the Foreign Function and Memory API, and nothing else: no packet semantics live here.
 *
 * <p>The only package that makes downcalls. What DPDK exports as a symbol is called directly; what it declares
 * {@code static inline} goes through the C shim ({@code native/src/main/c}).
 */
package io.l4lb.dpdk;
