/**
 * A whole worker between guarded mbufs, fed with the fuzzer's inputs, and the promises that it must keep with each: {@link
 * io.l4lb.bench.rig.Pipelines}.
 */
package io.l4lb.bench.rig;
