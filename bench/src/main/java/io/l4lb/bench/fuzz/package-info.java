/**
 * The fuzzer: sequences of frames through a whole worker, led by coverage (Jazzer), each frame between pages that cannot be read, each
 * that leaves read by {@link io.l4lb.bench.strict}. {@code docs/design/22-fuzzing.md}.
 */
package io.l4lb.bench.fuzz;
