package io.l4lb.node.control;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.forwarding.BackendUse;
import io.l4lb.net.BackendState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Per backend: what the operator has set, what health checks say, and how far its slow start is. Any thread; bounded by the
 * configuration's backends. Those that a node starts with are up until somebody says otherwise, as the node serves nobody before
 * their checks have said something; one that a reload adds to a pool with a health check is doubted until its check finds it up: no new flow goes to it, but those that peers
 * have pinned to it do.
 */
public final class BackendStates {
    private static final Logger LOG = LoggerFactory.getLogger(BackendStates.class);

    /**
     * Of one backend.
     *
     * @param startedNs when it came up, while it starts slowly
     */
    private record Health(BackendState state, String reason, OptionalLong startedNs) {
        static final Health UP = new Health(BackendState.UP, "", OptionalLong.empty());
        static final Health NOT_CHECKED = new Health(BackendState.DOUBTED, "not checked yet", OptionalLong.empty());

        boolean isUp() {
            return state == BackendState.UP;
        }
    }

    private final LongSupplier clock;
    private final Map<BackendKey, Health> health = new HashMap<>();
    private final Set<String> pools = new HashSet<>();
    private OperatorSettings settings;
    private L4lbConfig config;
    private Runnable changed = () -> {};

    /** @param clock {@link System#nanoTime}, or a test's */
    public BackendStates(L4lbConfig config, OperatorSettings settings, LongSupplier clock) {
        this.clock = clock;
        this.settings = settings;
        this.config = config;
        adopt(config);
        health.replaceAll((backend, state) -> Health.UP); // those that a node starts with are not new
    }

    /** Has {@code action} run after each change of health that calls for another table; short, and from any thread. */
    public synchronized void onChange(Runnable action) {
        changed = action;
    }

    /** A health check's word; one about a backend that is not configured is passed over. Any thread. */
    public void healthChanged(String pool, String backend, BackendState state, String reason) {
        Runnable action;
        synchronized (this) {
            BackendKey key = new BackendKey(pool, backend);
            Health before = health.get(key);
            if (before == null) {
                return;
            }
            boolean up = state == BackendState.UP;
            OptionalLong started = up && !before.isUp() ? started(pool) : before.startedNs;
            health.put(key, new Health(state, reason, up ? started : OptionalLong.empty()));
            if (state == before.state) {
                return;
            }
            LOG.info("backend {} is {}: {}", key, state.label(), reason);
            action = changed;
        }
        action.run();
    }

    private OptionalLong started(String pool) {
        return slowStartSeconds(pool) > 0 ? OptionalLong.of(clock.getAsLong()) : OptionalLong.empty();
    }

    private int slowStartSeconds(String pool) {
        return config.pools().stream()
                .filter(each -> each.name().equals(pool))
                .mapToInt(PoolConfig::slowStartSeconds)
                .findFirst()
                .orElse(0);
    }

    /**
     * Goes by another configuration: new backends wait for their health check, or start slowly in known pools without one; what was
     * set for others is forgotten. {@return takes that back, but for what was said of backends in the meantime}
     */
    public synchronized Runnable adopt(L4lbConfig next) {
        Memory memory = new Memory(config, settings, Map.copyOf(health));
        config = next;
        Set<BackendKey> known = new HashSet<>();
        for (PoolConfig pool : next.pools()) {
            for (BackendConfig backend : pool.backends()) {
                BackendKey key = new BackendKey(pool.name(), backend.name());
                known.add(key);
                health.computeIfAbsent(key, _ -> fresh(pool));
                if (pool.healthCheck().isEmpty() && !health.get(key).isUp()) {
                    health.put(key, Health.UP); // nobody is left to say that it is up again
                }
            }
        }
        health.keySet().retainAll(known);
        settings.backends().keySet().stream()
                .filter(key -> !known.contains(key))
                .forEach(key -> LOG.warn(
                        "backend {} is not in the configuration: that it was drained or given a weight is forgotten",
                        key));
        settings = settings.keepingOnly(known);
        rememberPools();
        Map<BackendKey, Health> adopted = Map.copyOf(health);
        return () -> goBack(memory, adopted);
    }

    /** What was before another configuration was adopted. */
    private record Memory(L4lbConfig config, OperatorSettings settings, Map<BackendKey, Health> health) {}

    private synchronized void goBack(Memory before, Map<BackendKey, Health> adopted) {
        config = before.config;
        settings = settings.orElse(before.settings, key -> !adopted.containsKey(key));
        Map<BackendKey, Health> now = Map.copyOf(health);
        health.clear();
        before.health.forEach((key, was) -> {
            Health is = now.get(key);
            health.put(key, is == null || is.equals(adopted.get(key)) ? was : is);
        });
        rememberPools();
    }

    private void rememberPools() {
        pools.clear();
        config.pools().forEach(pool -> pools.add(pool.name()));
    }

    private Health fresh(PoolConfig pool) {
        if (pool.healthCheck().isPresent()) {
            return Health.NOT_CHECKED;
        }
        return pools.contains(pool.name()) ? new Health(BackendState.UP, "", started(pool.name())) : Health.UP;
    }

    public synchronized OperatorSettings settings() {
        return settings;
    }

    /** {@return whether there is such a backend} */
    public synchronized boolean knows(BackendKey backend) {
        return health.containsKey(backend);
    }

    /** Goes by other settings. A backend that is no longer drained starts slowly. */
    public synchronized void operate(OperatorSettings next) {
        for (Map.Entry<BackendKey, Health> each : health.entrySet()) {
            Health state = each.getValue();
            if (state.isUp()
                    && settings.of(each.getKey()).drained()
                    && !next.of(each.getKey()).drained()) {
                each.setValue(new Health(
                        BackendState.UP, state.reason, started(each.getKey().pool())));
            }
        }
        settings = next.keepingOnly(health.keySet()); // a reload may have come between
    }

    /** {@return when the next backend is due for more weight; empty: none starts} */
    public synchronized OptionalLong nextStepNs() {
        long nowNs = clock.getAsLong();
        OptionalLong next = OptionalLong.empty();
        for (PoolConfig pool : config.pools()) {
            for (BackendConfig backend : pool.backends()) {
                OptionalLong started = health.get(new BackendKey(pool.name(), backend.name())).startedNs;
                int step = step(pool, started, nowNs);
                if (step < SlowStart.STEPS) {
                    long due = started.getAsLong() + step * SlowStart.stepNs(pool.slowStartSeconds());
                    next = next.isEmpty() || due - next.getAsLong() < 0 ? OptionalLong.of(due) : next;
                }
            }
        }
        return next;
    }

    private static int step(PoolConfig pool, OptionalLong startedNs, long nowNs) {
        return startedNs.isEmpty()
                ? SlowStart.STEPS
                : SlowStart.step(nowNs - startedNs.getAsLong(), pool.slowStartSeconds());
    }

    /** {@return all backends, in the order of the configuration} */
    public synchronized List<BackendStatus> all() {
        return statuses(config);
    }

    private List<BackendStatus> statuses(L4lbConfig of) {
        long nowNs = clock.getAsLong();
        List<BackendStatus> all = new ArrayList<>();
        for (PoolConfig pool : of.pools()) {
            for (BackendConfig backend : pool.backends()) {
                BackendKey key = new BackendKey(pool.name(), backend.name());
                Health state = health.containsKey(key) ? health.get(key) : fresh(pool);
                OperatorSettings.Setting setting = settings.of(key);
                all.add(new BackendStatus(
                        key,
                        backend.address(),
                        backend.weight(),
                        setting.weight(),
                        setting.drained(),
                        state.state,
                        state.reason,
                        step(pool, state.startedNs, nowNs)));
            }
        }
        return all;
    }

    /** {@return by pool, how many backends are up and take new flows} */
    public synchronized Map<String, Integer> takingFlows() {
        Map<String, Integer> counts = new HashMap<>();
        for (BackendStatus each : statuses(config)) {
            counts.merge(each.key().pool(), each.up() && each.weight() > 0 ? 1 : 0, Integer::sum);
        }
        return counts;
    }

    /** {@return what the backends of a configuration, the present one or the next, may be used for now} */
    public synchronized BackendUse use(L4lbConfig of) {
        List<BackendStatus> all = statuses(of);
        Map<String, Integer> scales = new HashMap<>();
        for (BackendStatus each : all) {
            if (each.slowStartStep() < SlowStart.STEPS) {
                scales.computeIfAbsent(each.key().pool(), pool -> largestWeight(all, pool));
            }
        }
        scales.replaceAll((pool, largest) -> SlowStart.scale(largest));
        Map<BackendKey, Integer> weights = new HashMap<>();
        Map<BackendKey, BackendState> states = new HashMap<>();
        for (BackendStatus each : all) {
            int scale = scales.getOrDefault(each.key().pool(), 1);
            weights.put(each.key(), SlowStart.weight(each.weight(), scale, each.slowStartStep()));
            states.put(each.key(), each.health());
        }
        return new Use(weights, states);
    }

    private static int largestWeight(List<BackendStatus> all, String pool) {
        return all.stream()
                .filter(each -> each.key().pool().equals(pool))
                .mapToInt(BackendStatus::weight)
                .max()
                .orElse(1);
    }

    private record Use(Map<BackendKey, Integer> weights, Map<BackendKey, BackendState> states) implements BackendUse {
        @Override
        public int weight(PoolConfig pool, BackendConfig backend) {
            return weights.get(new BackendKey(pool.name(), backend.name()));
        }

        @Override
        public BackendState state(PoolConfig pool, BackendConfig backend) {
            return states.get(new BackendKey(pool.name(), backend.name()));
        }
    }
}
