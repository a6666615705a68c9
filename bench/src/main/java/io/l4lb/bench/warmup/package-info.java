/** What a node's warm-up is worth: {@code ./l4lb bench warmup}. Fresh JVMs, time to ready, cost of the first packets. */
package io.l4lb.bench.warmup;
