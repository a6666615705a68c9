package io.l4lb.node.control;

import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.worker.TableSwap;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Tables that have been replaced, each freed when every worker has taken its successor. At most {@value #MAX}: a worker that
 * stands still holds up no other, and no memory without bound. One thread.
 */
final class RetiredTables {
    /** Half of what a worker's command queue holds. */
    static final int MAX = 8;

    private record Retired(ForwardingTable table, List<TableSwap> successor) {}

    private final Deque<Retired> tables = new ArrayDeque<>();

    void add(ForwardingTable table, List<TableSwap> successor) {
        tables.add(new Retired(table, successor));
    }

    /** Frees what is out of use. {@return whether there is room for one more} */
    boolean free(long timeoutMs) throws InterruptedException {
        while (!tables.isEmpty() && isTaken(tables.peek().successor, timeoutMs)) {
            tables.remove().table.close();
        }
        return tables.size() < MAX;
    }

    private static boolean isTaken(List<TableSwap> swaps, long timeoutMs) throws InterruptedException {
        for (TableSwap swap : swaps) {
            if (!swap.awaitTaken(timeoutMs, TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
        return true;
    }

    /** Frees all; the workers must have ended. */
    void close() {
        tables.forEach(retired -> retired.table.close());
        tables.clear();
    }
}
