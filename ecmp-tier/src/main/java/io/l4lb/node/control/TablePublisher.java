package io.l4lb.node.control;

import io.l4lb.config.L4lbConfig;
import io.l4lb.forwarding.BackendUse;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.logging.OnceAMinute;
import io.l4lb.worker.TableSwap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that makes forwarding tables and hands them to the workers. Whoever wants another table (a reload, a
 * health check, the operator, a next hop, a step of a slow start) says so; all that was said while a table was made goes
 * into the next one.
 *
 * <p>After each table it pauses for as long as the table took to make, so that a storm of changes costs half a core at the
 * most; steps of slow starts wait for at least {@value #STEP_PAUSE_MS} ms.
 */
public final class TablePublisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TablePublisher.class);
    private static final int STEP_PAUSE_MS = 100;
    private static final int RETRY_MS = 1000;
    private static final int PAUSE_MAX_MS = 1000;
    private static final long TAKEN_LIMIT_NS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Where tables come from. Called by the publisher's thread only. */
    public interface TableSource {
        /** {@return a table, which the publisher closes; an exception: not by this configuration, and why} */
        ForwardingTable build(L4lbConfig config, BackendUse use);

        /** The configuration that was built last is the node's from now on; the workers take its table after this. */
        void adopted(L4lbConfig config);

        /** The workers have taken its table, but for one that stands still. */
        void taken(L4lbConfig config);

        /** What was adopted, in part or in full, cannot be used after all: the node stays with this one, as does each worker. */
        void stays(L4lbConfig config);
    }

    private record Reload(L4lbConfig config, CompletableFuture<Publication> done) {}

    private record Wanted(Optional<Reload> reload, CompletableFuture<Publication> change) {
        void fail(Throwable why) {
            reload.ifPresent(each -> each.done.completeExceptionally(why));
            change.completeExceptionally(why);
        }
    }

    private final TableSource source;
    private final Function<ForwardingTable, List<TableSwap>> workers;
    private final BackendStates states;
    private final RetiredTables retired = new RetiredTables();
    /** Held while a table is freed, or read by another thread. */
    private final Object tables = new Object();

    /** Both last for as long as a worker stands still, and are tried each second. */
    private final OnceAMinute untaken = new OnceAMinute(System::nanoTime);

    private final OnceAMinute unmade = new OnceAMinute(System::nanoTime);
    private final Thread thread;
    private volatile L4lbConfig config;
    private volatile ForwardingTable table;
    private boolean freed;
    private Wanted wanted;
    private boolean closed;
    private long pausedUntilNs = System.nanoTime();

    /**
     * @param config the configuration at present
     * @param table what the workers forward by at present; the publisher closes it
     * @param workers hands a table to all workers; when it throws, none of them has it
     */
    public TablePublisher(
            L4lbConfig config,
            ForwardingTable table,
            BackendStates states,
            TableSource source,
            Function<ForwardingTable, List<TableSwap>> workers) {
        this.config = config;
        this.table = table;
        this.states = states;
        this.source = source;
        this.workers = workers;
        this.thread = Thread.ofPlatform().daemon().name("tables").unstarted(this::run);
    }

    public void start() {
        states.onChange(this::changed);
        thread.start();
    }

    /** {@return the configuration that the workers forward by} Any thread. */
    public L4lbConfig config() {
        return config;
    }

    /** {@return what the workers were given last} Its native memory may be freed at any time; only its slots may be read. */
    public ForwardingTable table() {
        return table;
    }

    /** {@return what {@code reader} makes of that table, whose native memory stays meanwhile; empty: the node has ended} Any thread. */
    public <T> Optional<T> read(Function<ForwardingTable, T> reader) {
        synchronized (tables) {
            return freed ? Optional.empty() : Optional.of(reader.apply(table));
        }
    }

    /** Something has changed; what cannot be done is tried again, and logged. Any thread. */
    public void changed() {
        CompletableFuture<Publication> heeded = publish();
        LOG.trace("a table is wanted: {}", heeded);
    }

    /** Something has changed. {@return the table that heeds it, as soon as the workers have been told} Any thread. */
    public synchronized CompletableFuture<Publication> publish() {
        CompletableFuture<Publication> change = wanted == null ? new CompletableFuture<>() : wanted.change;
        want(new Wanted(wanted == null ? Optional.empty() : wanted.reload, change));
        return change;
    }

    /**
     * Has the node forward by another configuration; of two that come at once the later is used. {@return its table, as soon
     * as the workers have been told; the exception of {@link TableSource#build} when it cannot be used} Any thread.
     */
    public synchronized CompletableFuture<Publication> publish(L4lbConfig next) {
        CompletableFuture<Publication> done =
                wanted == null || wanted.reload.isEmpty() ? new CompletableFuture<>() : wanted.reload.get().done;
        want(new Wanted(
                Optional.of(new Reload(next, done)), wanted == null ? new CompletableFuture<>() : wanted.change));
        return done;
    }

    private void want(Wanted next) {
        if (closed) {
            next.fail(new IllegalStateException("the node is stopping"));
            return;
        }
        wanted = next;
        notifyAll();
    }

    private void run() {
        try {
            while (true) {
                Wanted next = await();
                if (freeRetired(0) || freeRetired(RETRY_MS)) {
                    untaken.over("all workers take tables again", LOG::info);
                    make(next);
                } else {
                    untaken.say(
                            "a worker has not taken the last " + RetiredTables.MAX
                                    + " tables: no new one is made until it does",
                            LOG::error);
                    next.fail(new IllegalStateException("a worker stands still"));
                    again();
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("no more tables: the node stops");
        }
    }

    private boolean freeRetired(int waitMs) throws InterruptedException {
        synchronized (tables) {
            return retired.free(waitMs);
        }
    }

    private synchronized Wanted await() throws InterruptedException {
        while (true) {
            long nowNs = System.nanoTime();
            OptionalLong dueNs = states.nextStepNs();
            long pauseNs = pausedUntilNs - nowNs;
            if (wanted != null && pauseNs <= 0) {
                Wanted next = wanted;
                wanted = null;
                return next;
            }
            if (wanted == null && dueNs.isPresent()) {
                pauseNs = Math.max(dueNs.getAsLong() - nowNs, pauseNs + TimeUnit.MILLISECONDS.toNanos(STEP_PAUSE_MS));
                if (pauseNs <= 0) {
                    return new Wanted(Optional.empty(), new CompletableFuture<>());
                }
            }
            if (pauseNs > 0) {
                TimeUnit.NANOSECONDS.timedWait(this, pauseNs);
            } else {
                wait();
            }
        }
    }

    /** Whatever fails here, the node goes on with the table that it has. */
    private void make(Wanted next) {
        if (next.reload.isPresent()) {
            Reload reload = next.reload.get();
            try {
                Publication publication = make(reload.config, true);
                reload.done.complete(publication);
                next.change.complete(publication);
                return;
            } catch (Throwable e) {
                reload.done.completeExceptionally(e);
            }
        }
        try {
            next.change.complete(make(config, false));
            unmade.over("tables can be made again", LOG::info);
        } catch (Throwable e) {
            unmade.say(
                    "no new table could be made, forwarding goes on with the last one", words -> LOG.error(words, e));
            next.change.completeExceptionally(e);
            again();
        }
    }

    private Publication make(L4lbConfig by, boolean isNew) {
        long startNs = System.nanoTime();
        ForwardingTable made = source.build(by, states.use(by));
        Publication publication;
        try {
            publication = isNew ? adopt(by, made) : hand(made);
        } catch (Throwable e) {
            made.close(); // nobody has it
            throw e;
        }
        retired.add(table, publication.swaps());
        table = made;
        long tookNs = publication.builtNs() - startNs;
        pausedUntilNs = System.nanoTime() + Math.min(tookNs, TimeUnit.MILLISECONDS.toNanos(PAUSE_MAX_MS));
        if (isNew) {
            awaitTaken(publication);
            tellTaken(by);
        }
        return publication;
    }

    private Publication hand(ForwardingTable made) {
        return new Publication(System.nanoTime(), workers.apply(made));
    }

    /** The whole node goes by another configuration when this returns, and by the last one when it throws. */
    private Publication adopt(L4lbConfig next, ForwardingTable made) {
        L4lbConfig before = config;
        Runnable forget = states.adopt(next);
        try {
            config = next;
            source.adopted(next);
            return hand(made);
        } catch (Throwable e) {
            config = before;
            stay(before, e);
            forget.run(); // last: what checks that begin anew say of their backends is not for those that never went
            throw e;
        }
    }

    /** It is the node's by now, whatever fails here. */
    private void tellTaken(L4lbConfig now) {
        try {
            source.taken(now);
        } catch (RuntimeException e) {
            LOG.error(
                    "the new configuration is used, but not all is let in that it lets in; another reload tries again",
                    e);
        }
    }

    private void stay(L4lbConfig before, Throwable why) {
        try {
            source.stays(before);
        } catch (Throwable e) {
            LOG.error("a refused configuration could not be taken back in full; another reload tries again", e);
            why.addSuppressed(e);
        }
    }

    /** Packets for new VIPs wait for that, so it is not waited for a worker that stands still. */
    private static void awaitTaken(Publication publication) {
        try {
            if (!publication.awaitTaken(TAKEN_LIMIT_NS)) {
                LOG.error("a worker has not taken the new configuration yet");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the node stops
        }
    }

    /** What could not be done is tried again. */
    private synchronized void again() {
        if (wanted == null) {
            wanted = new Wanted(Optional.empty(), new CompletableFuture<>());
        }
        pausedUntilNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(RETRY_MS);
    }

    /** Ends the thread. The tables stay until {@link #free}. */
    @Override
    public void close() {
        Wanted left;
        synchronized (this) {
            closed = true;
            left = wanted;
            wanted = null;
        }
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // it may be about to hand a table to a worker
            }
        }
        if (left != null) {
            left.fail(new IllegalStateException("the node is stopping"));
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Frees all tables; thread and workers must have ended. */
    public void free() {
        synchronized (tables) {
            freed = true;
            retired.close();
            table.close();
        }
    }
}
