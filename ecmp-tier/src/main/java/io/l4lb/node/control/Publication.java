package io.l4lb.node.control;

import io.l4lb.worker.TableSwap;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * A table on its way into the workers. {@link System#nanoTime} throughout.
 *
 * @param builtNs when it was ready
 * @param swaps one a worker
 */
public record Publication(long builtNs, List<TableSwap> swaps) {
    public Publication {
        swaps = List.copyOf(swaps);
    }

    /** {@return whether all workers have taken it within that time} */
    public boolean awaitTaken(long timeoutNs) throws InterruptedException {
        long deadlineNs = System.nanoTime() + timeoutNs;
        for (TableSwap swap : swaps) {
            if (!swap.awaitTaken(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return false;
            }
        }
        return true;
    }

    /** {@return when the first packet had been forwarded by it; empty: none came within that time} */
    public OptionalLong awaitFirstPacket(long timeoutNs) throws InterruptedException {
        long deadlineNs = System.nanoTime() + timeoutNs;
        do {
            OptionalLong first = OptionalLong.empty();
            for (TableSwap swap : swaps) {
                OptionalLong used = swap.awaitUsed(0, TimeUnit.NANOSECONDS);
                if (used.isPresent() && (first.isEmpty() || used.getAsLong() - first.getAsLong() < 0)) {
                    first = used;
                }
            }
            if (first.isPresent()) {
                return first;
            }
            Thread.sleep(1);
        } while (System.nanoTime() - deadlineNs < 0);
        return OptionalLong.empty();
    }
}
