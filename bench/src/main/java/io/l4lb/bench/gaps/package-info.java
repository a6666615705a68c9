/** The Java contender of {@code ./l4lb bench stall}: a worker whose gaps are written down, and a busy control side. */
package io.l4lb.bench.gaps;
