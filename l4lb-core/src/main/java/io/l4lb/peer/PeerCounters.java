package io.l4lb.peer;

import java.util.concurrent.atomic.AtomicLongArray;

/** What happened with a peer since the node started; written by its threads, read by any. */
public final class PeerCounters {
    private final AtomicLongArray counts = new AtomicLongArray(Count.values().length);
    private final AtomicLongArray endings = new AtomicLongArray(Ending.values().length);
    private final LagMeter lag = new LagMeter();

    /** What is counted. */
    public enum Count {
        BYTES_IN("bytes-in"),
        BYTES_OUT("bytes-out"),
        BATCHES_IN("batches-in"),
        BATCHES_OUT("batches-out"),
        SNAPSHOTS_IN("snapshots-in"),
        SNAPSHOTS_OUT("snapshots-out"),
        /** Batches and parts that had come before; ignored. */
        REPEATED("repeated"),
        /** Connections made, both ways. */
        CONNECTIONS("connections");

        private final String label;

        Count(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    public void add(Count count, long amount) {
        counts.getAndAdd(count.ordinal(), amount);
    }

    public long get(Count count) {
        return counts.get(count.ordinal());
    }

    public void ended(Ending ending) {
        endings.getAndIncrement(ending.ordinal());
    }

    public long endings(Ending ending) {
        return endings.get(ending.ordinal());
    }

    /** {@return how long the peer takes to apply what this node appends} */
    public LagMeter lag() {
        return lag;
    }
}
