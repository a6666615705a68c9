/** A journal thread and a place on disk, for the benchmarks that need them. Cold. */
package io.l4lb.bench.journaling;
