package io.l4lb.worker;

import io.l4lb.counters.WorkerCounter;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.worker.WorkerCommand.SwapCommand;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;

/**
 * The thread around a {@link Worker}: commands, one pass, idling, until told to stop.
 *
 * <p>The control thread sends commands through a queue of {@value #COMMANDS_MAX}; the worker takes at most one a pass.
 */
public final class WorkerLoop implements Runnable {
    private static final int COMMANDS_MAX = 16;
    private static final int CLOCK_PASSES_MASK = 15;

    private final Worker worker;
    private final IdleStrategy idleStrategy;
    private final Consumer<Throwable> errors;
    private final OneToOneConcurrentArrayQueue<WorkerCommand> commandQueue =
            new OneToOneConcurrentArrayQueue<>(COMMANDS_MAX);
    private volatile boolean running = true;
    private long nowNs;
    private int received;
    private int passes;

    /**
     * @param idleStrategy what to do after a pass without packets
     * @param errors told of every exception that a pass threw; must not throw
     */
    public WorkerLoop(Worker worker, IdleStrategy idleStrategy, Consumer<Throwable> errors) {
        this.worker = worker;
        this.idleStrategy = idleStrategy;
        this.errors = errors;
    }

    @Override
    public void run() {
        while (running) {
            try {
                pass();
            } catch (Throwable e) { // whatever it was, the next packets must still be forwarded
                worker.counters().add(WorkerCounter.ERRORS, 1);
                worker.recover();
                errors.accept(e);
            }
        }
    }

    private void pass() {
        WorkerCommand command = commandQueue.poll();
        if (command != null) {
            carryOut(command);
        }
        // flows live by ticks of 268 ms: under load the clock is read once in 16 bursts
        if ((passes++ & CLOCK_PASSES_MASK) == 0 || received == 0) {
            nowNs = System.nanoTime();
        }
        received = worker.doWork(nowNs);
        idleStrategy.idle(received);
    }

    private void carryOut(WorkerCommand command) {
        switch (command) {
            case SwapCommand(var table, var done) -> {
                worker.swap(table);
                done.countDown();
            }
        }
    }

    /** Control thread. {@return a latch that opens when the worker has carried the swap out} */
    public CountDownLatch swap(ForwardingTable table) {
        CountDownLatch done = new CountDownLatch(1);
        if (!commandQueue.offer(new SwapCommand(table, done))) {
            throw new IllegalStateException("the worker has not carried out its last " + COMMANDS_MAX + " commands");
        }
        return done;
    }

    /** Any thread. The loop ends after the pass that it is in. */
    public void stop() {
        running = false;
    }
}
