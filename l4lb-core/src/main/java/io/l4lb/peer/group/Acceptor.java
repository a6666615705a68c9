package io.l4lb.peer.group;

import io.l4lb.net.L4Address;
import io.l4lb.peer.Ending;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Takes connections in; a thread of its own. Callers that have not said yet who they are, are bounded: some from addresses of
 * configured peers, and some from all others, so that these cannot keep those out.
 */
final class Acceptor implements Runnable {
    static final int MAX_STRANGERS = 16;
    static final int MAX_UNKNOWN_OF_AN_ADDRESS = 4;
    private static final int BACKLOG = 64;
    private static final long LOOK_MS = 200;

    private final L4Address listen;
    private final ServerSocketChannel server;
    private final Selector selector;
    private final Map<Feeder, InetAddress> unknown = new ConcurrentHashMap<>();
    private final Supplier<Site> site;
    private final Feeder.Callers callers;
    private final Predicate<InetAddress> isPeers;
    private final Consumer<Ending> refused;
    private final Problem problem = new Problem("replication.listen");
    private final Thread thread =
            Thread.ofPlatform().daemon().name("peers-listen").unstarted(this);
    private volatile boolean isStopped;

    /**
     * Listens.
     *
     * @throws IOException that names the key and its value
     */
    Acceptor(
            L4Address listen,
            Supplier<Site> site,
            Feeder.Callers callers,
            Predicate<InetAddress> isPeers,
            Consumer<Ending> refused)
            throws IOException {
        this.listen = listen;
        this.site = site;
        this.callers = callers;
        this.isPeers = isPeers;
        this.refused = refused;
        selector = Selector.open();
        server = ServerSocketChannel.open();
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(listen.socketAddress(), BACKLOG);
            server.configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException e) {
            server.close();
            selector.close();
            throw new IOException(
                    "replication.listen: " + listen + ": expected an address of this machine and a free" + " l4Port: "
                            + e.getMessage(),
                    e);
        }
    }

    L4Address listen() {
        return listen;
    }

    void start() {
        thread.start();
    }

    /** Listens no more; waits for that, but not longer than told. */
    void stop(long ns) {
        isStopped = true;
        selector.wakeup();
        try {
            thread.join(TimeUnit.NANOSECONDS.toMillis(ns));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void known(Feeder feeder) {
        unknown.remove(feeder);
    }

    @Override
    public void run() {
        try (server;
                selector) {
            while (!isStopped) {
                selector.select(LOOK_MS);
                selector.selectedKeys().clear();
                look();
            }
        } catch (IOException e) {
            refused.accept(Ending.FAILED);
        } finally {
            unknown.keySet().forEach(feeder -> feeder.stop(Ending.CLOSED));
        }
    }

    /** Whatever goes wrong: a node whose accepting thread has ended is followed by nobody until it is started again. */
    private void look() {
        try {
            acceptAll(site.get());
            problem.isGone("connections are taken again");
        } catch (RuntimeException e) {
            problem.is("no connection can be taken, tried again: " + e);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MS));
        }
    }

    private void acceptAll(Site now) {
        try {
            for (SocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
                take(channel, now);
            }
        } catch (IOException e) {
            // Out of file descriptors, or a caller that has gone already: the next look tries again.
            refused.accept(Ending.CROWDED);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MS));
        }
    }

    private void take(SocketChannel channel, Site now) throws IOException {
        InetAddress address = ((InetSocketAddress) channel.getRemoteAddress()).getAddress();
        if (isFull(address)) {
            channel.close();
            refused.accept(Ending.CROWDED);
            return;
        }
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        Feeder feeder = new Feeder(channel, now, callers);
        unknown.put(feeder, address);
        Thread.ofPlatform().daemon().name("feed-" + address.getHostAddress()).start(feeder);
    }

    private boolean isFull(InetAddress address) {
        if (isPeers.test(address)) {
            return unknown.values().stream().filter(address::equals).count() >= MAX_UNKNOWN_OF_AN_ADDRESS;
        }
        return unknown.values().stream().filter(isPeers.negate()).count() >= MAX_STRANGERS;
    }
}
