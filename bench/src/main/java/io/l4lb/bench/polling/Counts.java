package io.l4lb.bench.polling;

/** Counters of a poller since it was made. */
record Counts(long packets, long hits, long misses, long evictions, long drops, long untold) {
    Counts minus(Counts before) {
        return new Counts(
                packets - before.packets,
                hits - before.hits,
                misses - before.misses,
                evictions - before.evictions,
                drops - before.drops,
                untold - before.untold);
    }

    Counts plus(Counts other) {
        return new Counts(
                packets + other.packets,
                hits + other.hits,
                misses + other.misses,
                evictions + other.evictions,
                drops + other.drops,
                untold + other.untold);
    }
}
