package io.l4lb.peer.group;

import io.l4lb.config.replication.ReplicationConfig.PeerConfig;
import io.l4lb.peer.BatchSink;
import io.l4lb.peer.Ending;
import io.l4lb.peer.PeerCounters;
import io.l4lb.peer.PeerCounters.Count;
import io.l4lb.peer.Position;
import io.l4lb.peer.ReceiverSession;
import io.l4lb.peer.link.Link;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLException;

/** Dials a peer, follows its journal, and dials again when that ends; a thread of its own. */
final class Follower implements Runnable {
    private static final long CONNECT_NS = TimeUnit.SECONDS.toNanos(2);
    private static final long PAUSE_MIN_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long PAUSE_MAX_NS = TimeUnit.SECONDS.toNanos(2);
    /** Within which {@link #stop} is seen. */
    private static final long LOOK_MS = 100;
    /** While the journal thread has something to apply: the peer measures its lag by the acknowledgement. */
    private static final long APPLYING_NS = TimeUnit.MICROSECONDS.toNanos(200);

    private final PeerConfig peer;
    private final Site site;
    private final BatchSink sink;
    private final PeerCounters counters;
    private final Problem problem;
    private volatile boolean isStopped;
    private volatile ReceiverSession.State state = ReceiverSession.State.GREETING;
    private volatile int percent;
    private volatile boolean hasCaughtUp;
    private volatile long reachedNs = System.nanoTime();
    private long pauseNs = PAUSE_MIN_NS;
    private Optional<Position> gapBehind = Optional.empty();
    private boolean isAnew;

    Follower(PeerConfig peer, Site site, BatchSink sink, PeerCounters counters, Problem problem) {
        this.peer = peer;
        this.site = site;
        this.sink = sink;
        this.counters = counters;
        this.problem = problem;
    }

    void stop() {
        isStopped = true;
    }

    ReceiverSession.State state() {
        return state;
    }

    int snapshotPercent() {
        return percent;
    }

    /** {@return whether the peer has ever said that it has sent all} */
    boolean hasCaughtUp() {
        return hasCaughtUp;
    }

    /** {@return when the peer was connected last, or the follower began} */
    long reachedNs() {
        return reachedNs;
    }

    @Override
    public void run() {
        while (!isStopped) {
            Ending ending = attempt();
            boolean wasFollowing = state != ReceiverSession.State.GREETING;
            state = ReceiverSession.State.GREETING;
            if (!isStopped) {
                counters.ended(ending);
                pauseNs = wasFollowing ? PAUSE_MIN_NS : Math.min(2 * pauseNs, PAUSE_MAX_NS);
                pause(pauseNs / 2 + ThreadLocalRandom.current().nextLong(pauseNs / 2));
            }
        }
    }

    private void pause(long ns) {
        long deadlineNs = System.nanoTime() + ns;
        for (long left = ns; left > 0 && !isStopped; left = deadlineNs - System.nanoTime()) {
            LockSupport.parkNanos(Math.min(left, TimeUnit.MILLISECONDS.toNanos(LOOK_MS)));
        }
    }

    private Ending attempt() {
        try (Selector selector = Selector.open();
                SocketChannel channel = SocketChannel.open()) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (!connect(channel, selector)) {
                return failed(Ending.UNREACHABLE, "no answer from " + peer.address());
            }
            try (Link link = site.link(channel, true)) {
                return greet(link, selector);
            }
        } catch (SSLException e) {
            return failed(Ending.UNTRUSTED, Ending.UNTRUSTED.words() + ": " + e.getMessage());
        } catch (IOException e) {
            Ending ending = state == ReceiverSession.State.GREETING ? Ending.UNREACHABLE : Ending.CLOSED;
            return failed(ending, peer.address() + ": " + e.getMessage());
        } catch (RuntimeException | Error e) {
            // The journal's: a full disk is an InternalError of its mapped files. A thread that is gone would follow
            // nobody.
            return failed(Ending.FAILED, Ending.FAILED.words() + ": " + e);
        }
    }

    private Ending failed(Ending ending, String words) {
        problem.is(words);
        return ending;
    }

    private boolean connect(SocketChannel channel, Selector selector) throws IOException {
        long deadlineNs = System.nanoTime() + CONNECT_NS;
        SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
        boolean isConnected = channel.connect(peer.address().socketAddress());
        while (!isConnected && !isStopped && System.nanoTime() - deadlineNs < 0) {
            selector.select(LOOK_MS);
            selector.selectedKeys().clear();
            isConnected = channel.finishConnect();
        }
        key.interestOps(SelectionKey.OP_READ);
        return isConnected;
    }

    private Ending greet(Link link, Selector selector) throws IOException {
        long nowNs = System.nanoTime();
        Conversation.Idle idle = work -> select(selector, 1);
        if (!Conversation.handshake(
                link, idle, this::ending, nowNs + site.terms().helloNs())) {
            return failed(Ending.SILENT, "no TLS handshake in time");
        }
        if (!link.isOf(peer.id())) {
            return failed(Ending.WRONG_NAME, "the certificate at " + peer.address() + " does not name " + peer.id());
        }
        ReceiverSession receiver =
                new ReceiverSession(site.terms(), peer.id(), sink, counters, isAnew, System.nanoTime());
        Ending ending = Conversation.run(link, receiver, work -> idle(work, receiver, selector), this::ending);
        if (!isStopped) {
            problem.is((receiver.isPeersWord() ? "refused: " : "") + ending.words());
        }
        rememberGap(ending, receiver.last());
        return ending;
    }

    /** A gap that is still there after resuming is one in the peer's journal: a snapshot closes it. */
    private void rememberGap(Ending ending, Position last) {
        Optional<Position> behind = ending == Ending.GAP ? Optional.of(last) : Optional.empty();
        isAnew = behind.isPresent() && behind.equals(gapBehind);
        gapBehind = behind;
    }

    private Optional<Ending> ending() {
        return isStopped ? Optional.of(Ending.CLOSED) : Optional.empty();
    }

    private void idle(int work, ReceiverSession receiver, Selector selector) throws IOException {
        show(receiver);
        if (work > 0) {
            return;
        }
        if (receiver.isAllAcknowledged()) {
            select(selector, receiver.output().hasRemaining() ? 1 : LOOK_MS);
        } else {
            LockSupport.parkNanos(APPLYING_NS);
        }
    }

    private static void select(Selector selector, long ms) throws IOException {
        selector.select(ms);
        selector.selectedKeys().clear();
    }

    private void show(ReceiverSession receiver) {
        if (!receiver.isGreeted()) {
            return;
        }
        if (state == ReceiverSession.State.GREETING) {
            counters.add(Count.CONNECTIONS, 1);
            problem.isGone("follows again");
        }
        state = receiver.state();
        percent = receiver.snapshotPercent();
        hasCaughtUp |= state == ReceiverSession.State.CAUGHT_UP;
        reachedNs = System.nanoTime();
    }
}
