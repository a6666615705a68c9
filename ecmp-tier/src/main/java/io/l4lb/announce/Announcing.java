package io.l4lb.announce;

import io.l4lb.announce.bird.BirdDaemon;
import io.l4lb.announce.bird.BirdStatus;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.announce.AnnounceConfig;
import java.util.List;
import java.util.Optional;

/**
 * All that a node with a section {@code announce} has for it: tun device, announcer, watchdog, routing daemon. Made and closed
 * by the control thread.
 */
public final class Announcing implements AutoCloseable {
    private final TunVipRoutes routes;
    private final Announcer announcer;
    private final WorkerWatch watch;
    private final Optional<BirdDaemon> bird;
    private boolean closed;

    /** Makes the tun device; nothing is announced before {@link #start}. */
    public Announcing(L4lbConfig config, WorkerProgress progress) {
        AnnounceConfig announce = config.announce().orElseThrow();
        routes = new TunVipRoutes(announce.interfaceName(), announce.kernelTable());
        announcer = new Announcer(routes, config, System::nanoTime);
        watch = new WorkerWatch(
                announce.interfaceName(),
                announce.stallMs(),
                progress.memory(),
                config.dataplane().workers(),
                announcer::stall);
        bird = announce.bird().map(_ -> new BirdDaemon(config.node().id(), announce));
    }

    /**
     * The workers poll, the data plane is warm: what can be served is announced from now on.
     *
     * @param ready whether flow state is complete too; else {@link Announcer#ready} says when
     */
    public void start(boolean ready) {
        watch.start();
        announcer.start();
        bird.ifPresent(BirdDaemon::start);
        announcer.ready(ready);
    }

    /** Goes on under another configuration, of which {@link #fixed} is the same. */
    public void configure(L4lbConfig next) {
        announcer.configure(next);
        bird.ifPresent(daemon -> daemon.configure(next.announce().orElseThrow()));
    }

    /** {@return what of the section only a restart can change} */
    public static String fixed(AnnounceConfig config) {
        return "interface " + config.interfaceName() + ", kernelTable " + config.kernelTable() + ", stallMs "
                + config.stallMs() + ", daemon " + (config.bird().isPresent() ? "bird" : "none");
    }

    /** What decides about each address: told of backends and of an operator's drain. */
    public Announcer announcer() {
        return announcer;
    }

    /** Withdraws all VIPs for good; done when it returns. */
    public void withdraw() {
        announcer.stop();
    }

    public List<VipStatus> vips() {
        return announcer.status();
    }

    /** {@return what the watchdog over the workers sees} */
    public String watchdog() {
        return watch.state();
    }

    /** {@return how it stands with the daemon; empty with {@code daemon: none}} */
    public Optional<BirdStatus> daemon() {
        return bird.map(BirdDaemon::status);
    }

    /** Removes the device and all that was announced; to be done while the workers still poll. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            bird.ifPresent(BirdDaemon::close);
            watch.close();
            announcer.close();
            routes.close();
        }
    }
}
