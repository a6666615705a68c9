package io.l4lb.announce;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.config.announce.AnnounceConfig;
import io.l4lb.dpdk.tun.TunException;
import io.l4lb.net.IpAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which addresses are announced. An address is announced while the node is ready, not drained and not stopping, no
 * worker stands still, and one of the address's VIPs has enough backends; it is withdrawn in the very call that says
 * otherwise. Any thread; a thread of its own looks after the time and after what the watchdog has done.
 */
public final class Announcer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);
    private static final long TICK_MS = 50;
    /** Every 10 s; a route takes 20 us. */
    private static final int RENEW_TICKS = 200;

    private final VipRoutes routes;
    private final LongSupplier clockNs;
    private final Map<IpAddress, ReturnPause> pauses = new LinkedHashMap<>();
    private final Map<String, Integer> backendsUp = new HashMap<>();
    private final Set<IpAddress> announced = new HashSet<>();
    private final Thread thread = new Thread(this::run, "announcer");
    private AnnounceConfig config;
    private List<VipConfig> vips = List.of();
    private boolean ready;
    private boolean drained;
    private boolean stopping;
    private boolean closed;
    private Optional<String> stall = Optional.empty();
    private Optional<String> ethPortTrouble = Optional.empty();
    private String failure = "";
    private String lastProblem = "";
    private int ticks;

    /** {@code clockNs} is such as System::nanoTime. */
    public Announcer(VipRoutes routes, L4lbConfig config, LongSupplier clockNs) {
        this.routes = routes;
        this.clockNs = clockNs;
        configure(config);
    }

    /** Has time and device looked at from now on. */
    public void start() {
        thread.setDaemon(true);
        thread.start();
    }

    /** The VIPs and backends of a new configuration; what was known of a pool's backends by {@link #backendsUp} stays. */
    public final synchronized void configure(L4lbConfig next) {
        config = next.announce().orElseThrow();
        vips = next.vips();
        Map<String, Integer> known = Map.copyOf(backendsUp);
        backendsUp.clear();
        for (PoolConfig pool : next.pools()) {
            int size = pool.backends().size();
            backendsUp.put(pool.name(), Math.min(size, known.getOrDefault(pool.name(), size)));
        }
        Map<IpAddress, ReturnPause> before = Map.copyOf(pauses);
        pauses.clear();
        for (VipConfig vip : vips) {
            ReturnPause fresh = new ReturnPause(config.returnSeconds(), config.returnSecondsMax());
            pauses.putIfAbsent(vip.address(), before.getOrDefault(vip.address(), fresh));
        }
        update();
    }

    /** How many backends of a pool are up and take new flows; without a word about a pool, all of them. */
    public synchronized void backendsUp(String pool, int count) {
        if (backendsUp.replace(pool, count) != null) {
            update();
        }
    }

    /** Whether the node forwards, warm and caught up. */
    public synchronized void ready(boolean now) {
        if (ready != now) {
            ready = now;
            update();
        }
    }

    /** What an operator wants of the whole node. */
    public synchronized void drain(boolean now) {
        drained = now;
        update();
    }

    /** Withdraws everything, for good: the node is going to stop. */
    public synchronized void stop() {
        stopping = true;
        update();
    }

    /** A worker's loop stands still ({@code reason} says so), or all go on again (empty). */
    public synchronized void stall(Optional<String> reason) {
        stall = reason;
        update();
    }

    /** No ethPort is up ({@code reason} says why), or one is again (empty). */
    public synchronized void ethPorts(Optional<String> reason) {
        ethPortTrouble = reason;
        update();
    }

    private void run() {
        while (tick()) {
            try {
                TimeUnit.MILLISECONDS.sleep(TICK_MS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Looks at time and device; {@return whether to go on}. */
    synchronized boolean tick() {
        update();
        if (!closed && ++ticks % RENEW_TICKS == 0) {
            renew();
        }
        return !closed;
    }

    private void update() {
        if (closed) {
            return;
        }
        failure = "";
        boolean intact = routes.intact();
        if (!intact) {
            announced.clear(); // the kernel has removed the routes
        }
        long nowNs = clockNs.getAsLong();
        announced.stream()
                .filter(address -> !pauses.containsKey(address))
                .toList()
                .forEach(address -> {
                    withdraw(address, "no VIP of the configuration has it any more");
                });
        pauses.forEach((address, pause) -> {
            Optional<String> reason = intact ? reasonAgainst(address) : Optional.of("its route was gone");
            if (!pause.update(reason.isEmpty(), drained || stopping, nowNs)) {
                withdraw(address, reason.orElse("a pause after the last withdrawal"));
            } else if (!announced.contains(address)) {
                announce(address);
            }
        });
        if (!intact && stall.isEmpty()) { // while a worker stands still, the watchdog wants the device down
            carryOut(routes::restore);
        }
        problem(failure);
    }

    private void withdraw(IpAddress address, String reason) {
        if (announced.contains(address) && carryOut(() -> routes.withdraw(address))) {
            announced.remove(address);
            LOG.warn("{} is withdrawn: {}", address, reason);
        }
    }

    private void announce(IpAddress address) {
        if (carryOut(() -> routes.announce(address))) {
            announced.add(address);
            LOG.info("{} is announced", address);
        }
    }

    /** One address that fails must not keep the others from being withdrawn; {@return whether it worked}. */
    private boolean carryOut(Runnable change) {
        try {
            change.run();
            return true;
        } catch (TunException e) {
            failure = e.getMessage();
            return false;
        }
    }

    /** What somebody else has removed from the kernel's tables comes back. */
    private void renew() {
        announced.forEach(address -> carryOut(() -> routes.announce(address)));
    }

    private void problem(String now) {
        if (!now.equals(lastProblem)) {
            lastProblem = now;
            if (now.isEmpty()) {
                LOG.info("announcements: well again");
            } else {
                LOG.error("announcements: {}; tried again every {} ms", now, TICK_MS);
            }
        }
    }

    private Optional<String> reasonAgainst(IpAddress address) {
        return reasonAgainstAll()
                .or(() -> vips.stream()
                        .filter(vip -> vip.address().equals(address))
                        .map(this::reasonAgainst)
                        .reduce((a, b) -> a.isEmpty() ? a : b)
                        .orElse(Optional.empty()));
    }

    private Optional<String> reasonAgainstAll() {
        if (stopping) {
            return Optional.of("the node is stopping");
        } else if (drained) {
            return Optional.of("the node is drained");
        } else if (!ready) {
            return Optional.of(
                    "the node is not ready: it is starting, or has not caught up with its peers (./l4lb peers)");
        }
        return stall.or(() -> ethPortTrouble);
    }

    private Optional<String> reasonAgainst(VipConfig vip) {
        int up = vip.pools().stream()
                .filter(share -> share.weight() > 0)
                .mapToInt(share -> backendsUp.getOrDefault(share.pool(), 0))
                .sum();
        return up >= config.minHealthyBackends()
                ? Optional.empty()
                : Optional.of("pool " + vip.poolNames() + " has " + up
                        + " backend(s) up, announce.minHealthyBackends is " + config.minHealthyBackends());
    }

    /** {@return one row a VIP} */
    public synchronized List<VipStatus> status() {
        long nowNs = clockNs.getAsLong();
        return vips.stream().map(vip -> status(vip, nowNs)).toList();
    }

    private VipStatus status(VipConfig vip, long nowNs) {
        boolean is = announced.contains(vip.address());
        Optional<String> reason = is
                ? Optional.empty()
                : reasonAgainst(vip.address()).or(() -> Optional.of(waitingFor(vip.address(), nowNs)));
        return new VipStatus(vip.name(), vip.address().toString(), is, reason);
    }

    private String waitingFor(IpAddress address, long nowNs) {
        if (!lastProblem.isEmpty()) {
            return lastProblem;
        }
        double leftSeconds = pauses.get(address).leftNs(nowNs) / 1e9;
        return String.format("it was withdrawn; announced again in %.1f s if all stays well", leftSeconds);
    }

    /** Ends the thread; the routes stay until the device goes. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        thread.interrupt();
    }
}
