package io.l4lb.node.kernel;

import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import io.l4lb.node.kernel.Neighbours.Neighbour;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The MAC that a backend's packets are sent to: a fixed one, or what the kernel's routes and neighbours say, followed as
 * they change. The gateways are made "managed" neighbours (Linux 5.16): the kernel resolves them and keeps them fresh by
 * itself, although it sends nothing to them.
 *
 * <pre>
 * ip monitor ─► neighbour ──────────────────────────────────────────────► known ─► changed.run()
 *          └──► route, link, address … ─► ip route get, for all backends ──┘
 * </pre>
 *
 * <p>Any thread may ask. Two threads of its own, once there is something to follow: one reads the events, one looks routes
 * up. What is known is bounded by the backends.
 */
public final class NextHops implements Function<IpAddress, Optional<MacAddress>>, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NextHops.class);
    /** Routes are looked up ten times a second at the most, however often they change. */
    private static final long SETTLE_MS = 100;
    /** What is unresolved is asked for again as often; a managed neighbour that has failed is retried by the kernel too. */
    private static final long RETRY_MS = 1000;
    /** Everything is looked up anew as often, events or not. */
    private static final int RETRIES_A_LOOK_UP = 30;

    private static final String NEIGHBOUR_LABEL = "[NEIGH]";

    private final Runnable changed;
    /** Held while the kernel is asked for everything; never waited for under the object's own lock. */
    private final Object lookingUp = new Object();

    private final Neighbours neighbours = new Neighbours();
    private Optional<KernelMonitor> monitor = Optional.empty();
    private Optional<MacAddress> fixed = Optional.empty();
    private Set<IpAddress> backends = Set.of();
    private Map<IpAddress, Neighbour> routes = Map.of();
    private Map<IpAddress, MacAddress> known = Map.of();
    private Set<Neighbour> managed = Set.of();
    private long events;
    private boolean stale;
    private boolean open = true;

    /** {@code changed}: run, by a thread of this object, whenever an answer has become another; must be quick. */
    public NextHops(Runnable changed) {
        this.changed = changed;
    }

    /** {@return the MAC that packets to this backend are sent to, if it is known} */
    @Override
    public synchronized Optional<MacAddress> apply(IpAddress backend) {
        return fixed.isPresent() ? fixed : Optional.ofNullable(known.get(backend));
    }

    /** {@return the backends whose next hop is not known} */
    public synchronized List<IpAddress> unresolved() {
        return fixed.isPresent()
                ? List.of()
                : backends.stream()
                        .filter(backend -> !known.containsKey(backend))
                        .sorted()
                        .toList();
    }

    /**
     * From now on these backends; those known stay known. Returns when the kernel has been asked for all of them, though
     * it may have to ask a gateway first.
     *
     * @param nextHop the MAC of all; empty: the kernel's
     */
    public void follow(Collection<IpAddress> addresses, Optional<MacAddress> nextHop) {
        synchronized (this) {
            fixed = nextHop;
            backends = Set.copyOf(new HashSet<>(addresses));
        }
        if (nextHop.isEmpty()) {
            lookUp();
            startFollowing();
        }
    }

    private synchronized void startFollowing() {
        if (monitor.isEmpty() && open) {
            monitor = Optional.of(new KernelMonitor(this::accept));
            Thread.ofPlatform().daemon().name("next-hops").start(this::run);
        }
    }

    /** Waits until all next hops are known, or as long as that. */
    public synchronized void await(Duration limit) {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        try {
            for (long leftNs = limit.toNanos(); leftNs > 0 && !unresolved().isEmpty(); ) {
                TimeUnit.NANOSECONDS.timedWait(this, leftNs);
                leftNs = deadlineNs - System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One event; the thread of the monitor. */
    private void accept(String line) {
        boolean news = false;
        synchronized (this) {
            if (line.startsWith(NEIGHBOUR_LABEL)) {
                Optional<Neighbour> neighbour = neighbours.accept(line.substring(NEIGHBOUR_LABEL.length()));
                if (neighbour.isPresent()) {
                    events++;
                    news = learn();
                    // gone or silent: it has to be asked for again, and the kernel may have another way
                    stale |= neighbours.mac(neighbour.get()).isEmpty() || line.contains("Deleted ");
                }
            } else if (line.isEmpty() || line.startsWith("[")) {
                stale = true;
            }
            if (stale || news) {
                notifyAll();
            }
        }
        if (news) {
            changed.run();
        }
    }

    private void run() {
        for (int retries = 0; ; retries++) {
            try {
                boolean due;
                synchronized (this) {
                    if (!stale && open) {
                        wait(RETRY_MS);
                    }
                    if (!open) {
                        return;
                    }
                    due = fixed.isEmpty() && (stale || retries % RETRIES_A_LOOK_UP == 0);
                }
                if (due) {
                    lookUp();
                    TimeUnit.MILLISECONDS.sleep(SETTLE_MS);
                } else {
                    manage(silent());
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) { // the next round may do better, and packets flow meanwhile
                LOG.error("the kernel's routes and neighbours cannot be looked up: {}", e.getMessage());
                pause();
            }
        }
    }

    private synchronized void pause() {
        try {
            stale = true;
            TimeUnit.MILLISECONDS.timedWait(this, RETRY_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks the kernel for everything. */
    private void lookUp() {
        synchronized (lookingUp) {
            Set<IpAddress> asked;
            synchronized (this) {
                stale = false;
                asked = backends;
            }
            Map<IpAddress, Neighbour> found = Routes.of(asked);
            long before;
            synchronized (this) {
                routes = found;
                neighbours.use(Set.copyOf(new HashSet<>(found.values())));
                before = events;
            }
            List<Map<String, Object>> dump = SystemTool.run("ip", "-j", "neigh", "show")
                    .orThrow("neighbours cannot be listed")
                    .objects();
            boolean news;
            synchronized (this) {
                if (events == before) {
                    neighbours.accept(dump);
                } else {
                    stale = true; // an event came that may be newer than the dump
                }
                news = learn();
                notifyAll();
            }
            manage(silentOrNew());
            if (news) {
                changed.run();
            }
        }
    }

    /** {@return whether an answer has become another} */
    private synchronized boolean learn() {
        Map<IpAddress, MacAddress> now = new HashMap<>();
        routes.forEach((backend, neighbour) -> neighbours.mac(neighbour).ifPresent(mac -> now.put(backend, mac)));
        boolean news = !now.equals(known);
        known = Map.copyOf(now);
        return news;
    }

    /** {@return those that are used and not known} */
    private synchronized Set<Neighbour> silent() {
        Set<Neighbour> silent = new HashSet<>(routes.values());
        silent.removeIf(neighbour -> neighbours.mac(neighbour).isPresent());
        return silent;
    }

    private synchronized Set<Neighbour> silentOrNew() {
        Set<Neighbour> wanted = new HashSet<>(routes.values());
        wanted.removeIf(neighbours::isPermanent); // to manage such a one would undo what an operator has set
        Set<Neighbour> ask = new HashSet<>(wanted);
        ask.removeAll(managed);
        ask.addAll(silent());
        managed = Set.copyOf(wanted);
        return ask;
    }

    /** Has the kernel resolve them, and keep them so. */
    private static void manage(Set<Neighbour> asked) {
        if (asked.isEmpty()) {
            return;
        }
        SystemTool.Answer answer = SystemTool.run(
                List.of("ip", "-force", "-batch", "-"),
                asked.stream()
                        .map(neighbour ->
                                "neigh replace " + neighbour.address() + " dev " + neighbour.device() + " managed")
                        .toList());
        if (answer.exitCode() != 0) {
            LOG.debug("some next hops cannot be asked for: {}", answer.output()); // such as on an interface without ARP
        }
    }

    /** Ends the threads, and leaves the neighbours to the kernel's usual care. */
    @Override
    public void close() {
        Set<Neighbour> left;
        synchronized (this) {
            open = false;
            left = managed;
            managed = Set.of();
            monitor.ifPresent(KernelMonitor::close);
            notifyAll();
        }
        if (!left.isEmpty()) {
            SystemTool.run(
                    List.of("ip", "-force", "-batch", "-"),
                    left.stream()
                            .map(neighbour ->
                                    "neigh replace " + neighbour.address() + " dev " + neighbour.device() + " use")
                            .toList());
        }
    }
}
