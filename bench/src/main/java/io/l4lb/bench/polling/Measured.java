package io.l4lb.bench.polling;

/**
 * What a run took and did.
 *
 * @param cpuNs CPU time of the polling threads, together
 * @param wallNs of the longest
 * @param preempted how often a polling thread lost its core
 */
record Measured(Counts counts, long cpuNs, long wallNs, long preempted, long allocatedBytes, JournalUse journal) {
    /** What one polling thread took. */
    Measured(Counts counts, long cpuNs, long wallNs, long preempted, long allocatedBytes) {
        this(counts, cpuNs, wallNs, preempted, allocatedBytes, JournalUse.NONE);
    }

    /** {@return the same with what the one journal thread took meanwhile} */
    Measured with(JournalUse used) {
        return new Measured(counts, cpuNs, wallNs, preempted, allocatedBytes, used);
    }

    Measured plus(Measured other) {
        return new Measured(
                counts.plus(other.counts),
                cpuNs + other.cpuNs,
                Math.max(wallNs, other.wallNs),
                preempted + other.preempted,
                allocatedBytes + other.allocatedBytes,
                journal);
    }

    /** {@return the answer to "run"}, as the twin gives it */
    String toLine() {
        return ("RESULT packets=%d cpuNs=%d wallNs=%d preempted=%d allocatedBytes=%d hits=%d misses=%d evictions=%d drops=%d"
                        + " untold=%d journalCpuNs=%d journaled=%d")
                .formatted(
                        counts.packets(),
                        cpuNs,
                        wallNs,
                        preempted,
                        allocatedBytes,
                        counts.hits(),
                        counts.misses(),
                        counts.evictions(),
                        counts.drops(),
                        counts.untold(),
                        journal.cpuNs(),
                        journal.events());
    }
}
