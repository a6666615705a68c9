package io.l4lb.bench.polling;

/** What a journal thread took and did. */
record JournalUse(long cpuNs, long events) {
    static final JournalUse NONE = new JournalUse(0, 0);

    JournalUse minus(JournalUse before) {
        return new JournalUse(cpuNs - before.cpuNs, events - before.events);
    }
}
