package io.l4lb.peer.group;

import io.l4lb.peer.BatchSource;
import io.l4lb.peer.Ending;
import io.l4lb.peer.PeerCounters;
import io.l4lb.peer.SenderSession;
import io.l4lb.peer.link.Link;
import io.l4lb.peer.link.PollPause;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Answers one connection: finds out who dialed and sends him the journal; a thread of its own. */
final class Feeder implements Runnable, SenderSession.Admission {
    private final SocketChannel channel;
    private final Site site;
    private final Callers callers;
    private volatile Optional<Ending> stop = Optional.empty();
    private volatile String state = "connecting";
    private volatile int unacknowledged;
    private volatile long oldestNs;
    private Link link;
    private Peer peer;
    private final PollPause pause = new PollPause();

    /** Who may call, and who has. */
    interface Callers {
        Optional<Peer> peer(String nodeId);

        BatchSource source(String nodeId);

        /** The caller has said who he is; no more a stranger. */
        void known(Feeder feeder);

        /** A connection of a stranger, or of {@code peer}, is over. */
        void over(Feeder feeder, Optional<Peer> peer, Ending ending, String words);
    }

    Feeder(SocketChannel channel, Site site, Callers callers) {
        this.channel = channel;
        this.site = site;
        this.callers = callers;
    }

    void stop(Ending reason) {
        stop = Optional.of(reason);
    }

    String state() {
        return state;
    }

    int unacknowledged() {
        return unacknowledged;
    }

    /** {@return when the oldest batch that was not acknowledged was journaled; 0: none, or unknown} */
    long oldestNs() {
        return oldestNs;
    }

    @Override
    public void run() {
        Ending ending = Ending.FAILED;
        String words = "";
        try (channel;
                Link toClose = site.link(channel, false)) {
            link = toClose;
            ending = answer();
        } catch (SSLException e) {
            ending = Ending.UNTRUSTED;
            words = e.getMessage();
        } catch (IOException e) {
            ending = Ending.CLOSED;
            words = e.getMessage();
        } catch (RuntimeException | Error e) {
            // The journal's: a full disk is an InternalError of its mapped files.
            words = e.toString();
        } finally {
            callers.over(this, Optional.ofNullable(peer), ending, words);
        }
    }

    private Ending answer() throws IOException {
        long nowNs = System.nanoTime();
        if (!Conversation.handshake(
                link, pause::after, () -> stop, nowNs + site.terms().helloNs())) {
            return stop.orElse(Ending.SILENT);
        }
        SenderSession sender = new SenderSession(site.terms(), this, System.nanoTime());
        try {
            return Conversation.run(link, sender, work -> idle(work, sender), () -> stop);
        } finally {
            sender.close();
        }
    }

    private void idle(int work, SenderSession sender) {
        state = sender.isSnapshotting()
                ? "snapshot " + sender.snapshotPercent() + " %"
                : sender.isCaughtUp() ? "caught up" : sender.isGreeted() ? "following" : "connecting";
        unacknowledged = sender.unacknowledged();
        oldestNs = sender.oldestNs();
        pause.after(work);
    }

    @Override
    public Optional<Ending> objection(String nodeId) {
        Optional<Peer> known = callers.peer(nodeId);
        if (known.isEmpty()) {
            return Optional.of(Ending.UNKNOWN_PEER);
        }
        if (!link.isOf(nodeId)) {
            return Optional.of(Ending.WRONG_NAME);
        }
        peer = known.get();
        return Optional.empty();
    }

    @Override
    public PeerCounters counters(String nodeId) {
        return peer.counters();
    }

    @Override
    public BatchSource open(String nodeId) {
        callers.known(this);
        peer.feed(this);
        return callers.source(nodeId);
    }
}
