package io.l4lb.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;

/** What a node has of a peer's journal, in memory; applies at once, or when told. Thread-safe. */
public final class MemoryReplica implements BatchSink {
    private final Map<Integer, Integer> table = new TreeMap<>();
    private final List<Position> taken = new ArrayList<>();
    private final boolean isApplying;
    private Position applied = Position.NONE;
    private int snapshots;
    private int caughtUp;
    private long bytes;

    /** Applies what comes if {@code isApplying}. */
    public MemoryReplica(boolean isApplying) {
        this.isApplying = isApplying;
    }

    @Override
    public synchronized Position last() {
        return taken.isEmpty() ? Position.NONE : taken.getLast();
    }

    @Override
    public synchronized void batch(DirectBuffer buffer, int offset, int length, Position position, long ageSeconds) {
        MemoryJournal.merge(table, buffer, offset, length);
        taken.add(position);
        bytes += length;
        if (isApplying) {
            applied = position;
        }
    }

    @Override
    public synchronized void snapshot(DirectBuffer buffer, int offset, int length, boolean last) {
        MemoryJournal.merge(table, buffer, offset, length);
        bytes += length;
        if (last) {
            snapshots++;
            // A mark: what comes next is not the successor of what came before.
            taken.add(Position.NONE);
        }
    }

    @Override
    public synchronized void caughtUp() {
        caughtUp++;
    }

    @Override
    public synchronized Position applied() {
        return applied;
    }

    public synchronized void applyAll() {
        applied = last();
    }

    public synchronized Map<Integer, Integer> table() {
        return new TreeMap<>(table);
    }

    public synchronized List<Position> taken() {
        return List.copyOf(taken);
    }

    public synchronized int snapshots() {
        return snapshots;
    }

    public synchronized int timesCaughtUp() {
        return caughtUp;
    }

    public synchronized long bytes() {
        return bytes;
    }
}
