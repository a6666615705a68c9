package io.l4lb.peer.group;

import io.l4lb.config.replication.ReplicationConfig.PeerConfig;
import io.l4lb.peer.BatchSink;
import io.l4lb.peer.Ending;
import io.l4lb.peer.PeerCounters;
import io.l4lb.peer.PeerCounters.Count;
import io.l4lb.peer.ReceiverSession;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Another node of the cluster as long as it is configured: the thread that follows it, and the one that it is fed by. */
final class Peer {
    private final PeerConfig config;
    private final PeerCounters counters;
    private final Problem problem;
    private final Problem feedProblem;
    private final Follower follower;
    private final Thread thread;
    private final AtomicReference<Feeder> feeder = new AtomicReference<>();
    private volatile boolean isStopped;

    Peer(PeerConfig config, Site site, BatchSink sink) {
        this.config = config;
        counters = new PeerCounters();
        problem = new Problem("peer " + config.id());
        feedProblem = new Problem("feeding peer " + config.id());
        follower = new Follower(config, site, sink, counters, problem);
        thread = Thread.ofPlatform().daemon().name("follow-" + config.id()).unstarted(follower);
    }

    void start() {
        thread.start();
    }

    PeerConfig config() {
        return config;
    }

    PeerCounters counters() {
        return counters;
    }

    /** Feeds the peer by {@code next} from now on. */
    void feed(Feeder next) {
        counters.add(Count.CONNECTIONS, 1);
        Feeder before = feeder.getAndSet(next);
        if (before != null) {
            before.stop(Ending.REPLACED);
        }
        if (isStopped) {
            next.stop(Ending.UNKNOWN_PEER);
        }
    }

    void fed(Feeder over, Ending ending, String words) {
        counters.ended(ending);
        if (ending == Ending.FAILED) {
            feedProblem.is(ending.words() + ": " + words);
        }
        feeder.compareAndSet(over, null);
    }

    void stop(Ending reason) {
        isStopped = true;
        follower.stop();
        Feeder now = feeder.get();
        if (now != null) {
            now.stop(reason);
        }
    }

    /** {@return whether nothing of the peer's runs any more, after at most the given time} */
    boolean await(long ns) throws InterruptedException {
        long deadlineNs = System.nanoTime() + ns;
        thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(ns)));
        while (feeder.get() != null && System.nanoTime() - deadlineNs < 0) {
            Thread.sleep(1);
        }
        return !thread.isAlive() && feeder.get() == null;
    }

    PeerStatus status(long nowNs) {
        Feeder now = feeder.get();
        return new PeerStatus(
                config.id(),
                config.address(),
                follower.state() == ReceiverSession.State.CAUGHT_UP,
                receiving(),
                now == null ? "not connected" : now.state(),
                follower.hasCaughtUp(),
                TimeUnit.NANOSECONDS.toMillis(nowNs - follower.reachedNs()),
                problem.words(),
                problem.last(),
                feedProblem.last(),
                counters,
                counters.lag().lag(nowNs),
                now == null ? 0 : now.unacknowledged(),
                now == null || now.oldestNs() == 0 ? 0 : nowNs - now.oldestNs());
    }

    private String receiving() {
        ReceiverSession.State state = follower.state();
        return switch (state) {
            case GREETING -> "connecting";
            case SNAPSHOT -> "snapshot " + follower.snapshotPercent() + " %";
            case FOLLOWING -> "following";
            case CAUGHT_UP -> "caught up";
        };
    }
}
