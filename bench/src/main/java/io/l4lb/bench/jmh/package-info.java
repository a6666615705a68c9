/** JMH benchmarks of the single stages and of Maglev tables, and the command that runs them: {@code ./l4lb bench jmh}. */
package io.l4lb.bench.jmh;
