package io.l4lb.worker;

import io.l4lb.counters.WorkerCounter;
import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.worker.WorkerCommand.EthPortCommand;
import io.l4lb.worker.WorkerCommand.FlowCountCommand;
import io.l4lb.worker.WorkerCommand.FlowLookupCommand;
import io.l4lb.worker.WorkerCommand.SwapCommand;
import java.util.function.Consumer;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;

/**
 * The thread around a {@link Worker}: commands, one pass, idling, until told to stop.
 *
 * <p>The control thread sends commands through a queue of {@value #COMMANDS_MAX}; the worker takes at most one a pass. One half
 * is for swaps, of which no more may be under way: questions never take their room.
 */
public final class WorkerLoop implements Runnable {
    private static final int COMMANDS_MAX = 16;
    private static final int QUESTIONS_MAX = COMMANDS_MAX / 2;
    private static final int CLOCK_PASSES_MASK = 15;
    private static final long NOWHERE = 0;
    /** Passes a call of {@link #turn}. */
    public static final int TURN_PASSES = 32;

    private final Worker worker;
    private final IdleStrategy idleStrategy;
    private final Consumer<Throwable> errors;
    private final OneToOneConcurrentArrayQueue<WorkerCommand> commandQueue =
            new OneToOneConcurrentArrayQueue<>(COMMANDS_MAX);
    private final long progressAddress;
    private volatile boolean running = true;
    private long nowNs;
    private int received;
    private int passes;
    /** The last swap, until a burst has been forwarded by its table. */
    private TableSwap swapped;

    /** A loop that nobody watches. */
    public WorkerLoop(Worker worker, IdleStrategy idleStrategy, Consumer<Throwable> errors) {
        this(worker, idleStrategy, errors, NOWHERE);
    }

    /**
     * @param idleStrategy what to do after a pass without packets
     * @param errors told of every exception that a pass threw; must not throw
     * @param progressAddress where the number of passes is written, 8 bytes on a cache line of their own: a watchdog sees
     *     from it that the loop is alive; 0 for nowhere
     */
    public WorkerLoop(Worker worker, IdleStrategy idleStrategy, Consumer<Throwable> errors, long progressAddress) {
        this.progressAddress = progressAddress;
        this.worker = worker;
        this.idleStrategy = idleStrategy;
        this.errors = errors;
    }

    @Override
    public void run() {
        while (running) {
            turn();
        }
    }

    /**
     * Some passes: what {@link #run} repeats. A method of its own because {@code run} is called once, so it could be compiled
     * only while it runs; warm-up calls this one before. Worker thread.
     */
    public void turn() {
        for (int i = 0; i < TURN_PASSES && running; i++) {
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
        if (progressAddress != NOWHERE) {
            Memory.putLongOpaque(progressAddress, passes);
        }
        received = worker.doWork(nowNs);
        if (swapped != null && received > 0) {
            swapped.used();
            swapped = null;
        }
        idleStrategy.idle(command == null ? received : 1); // more commands may be waiting
    }

    private void carryOut(WorkerCommand command) {
        switch (command) {
            case SwapCommand(var table, var decoders, var swap) -> {
                worker.swap(table, decoders);
                swap.taken();
                swapped = swap;
            }
            case EthPortCommand(var ethPort, var queues, var done) -> {
                worker.use(ethPort, queues);
                done.countDown();
            }
            case FlowLookupCommand(var lookup) -> {
                int tick = FlowStateDescriptor.tick(System.nanoTime());
                lookup.answer(worker.flows().find(lookup.flow(), tick), tick);
            }
            case FlowCountCommand(var count) ->
                count.answer(worker.flows(), FlowStateDescriptor.tick(System.nanoTime()));
        }
    }

    /** {@return whether {@link #swap} would be taken} One control thread at a time: then nobody takes the room meanwhile. */
    public boolean hasRoom() {
        return commandQueue.remainingCapacity() > 0;
    }

    /**
     * Has the worker forward by another table. {@return what tells when it does} One control thread at a time.
     *
     * @throws IllegalStateException when the worker has stood still for so long that its queue is full
     */
    public TableSwap swap(ForwardingTable table) {
        TableSwap swap = new TableSwap();
        if (!commandQueue.offer(new SwapCommand(table, table.newCidDecoders(), swap))) {
            throw new IllegalStateException("the worker has not carried out its last " + COMMANDS_MAX + " commands");
        }
        return swap;
    }

    /**
     * Asks a question. One control thread at a time.
     *
     * @throws IllegalStateException when too much waits for a worker that stands still
     */
    public void send(WorkerCommand question) {
        int waiting = commandQueue.size();
        if (waiting >= QUESTIONS_MAX || !commandQueue.offer(question)) {
            throw new IllegalStateException("the worker has not carried out its last " + waiting + " commands");
        }
    }

    /** Any thread. The loop ends after the pass that it is in. */
    public void stop() {
        running = false;
    }
}
