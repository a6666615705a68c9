/**
 * Reads what a worker sent as a stranger would: strictly, by the RFCs and by the configuration, byte by byte, sharing no code with the
 * pipeline. Cold; for the fuzzer and its tests.
 */
package io.l4lb.bench.strict;
