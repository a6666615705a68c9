/** Benchmarks: what {@code ./l4lb bench …} runs. Never part of a test's verdict. */
package io.l4lb.bench;
