package io.l4lb.config.check;

import io.l4lb.config.yaml.Setting;
import java.util.List;

/** What the settings of a pool have to agree on, and the pools among each other. */
final class PoolCheck {
    /** 1 GiB of tables. */
    private static final long MAX_SLOTS_OF_ALL = 1L << 28;

    /** The paper's rule of thumb (section 5.3): with 100 slots each, shares are right to one percent. */
    private static final int GOOD_SLOTS_PER_BACKEND = 100;

    private PoolCheck() {}

    static void check(List<PoolSection> pools) {
        Setting.refuseRepeats(pools.stream().map(PoolSection::name), "a name of its own");
        long slots = 0;
        boolean isTooMuch = false;
        for (PoolSection pool : pools) {
            checkBackends(pool);
            checkTableSize(pool);
            slots += pool.tableSize().value().orElse(0);
            if (slots > MAX_SLOTS_OF_ALL && !isTooMuch) {
                isTooMuch = true;
                pool.tableSize().fault("at most " + MAX_SLOTS_OF_ALL + " slots in all pools together");
            }
        }
    }

    private static void checkBackends(PoolSection pool) {
        List<PoolSection.BackendSection> backends = pool.backends();
        Setting.refuseRepeats(backends.stream().map(PoolSection.BackendSection::name), "a name of its own");
        Setting.refuseRepeats(backends.stream().map(PoolSection.BackendSection::address), "an address of its own");
        boolean isUseless = !backends.isEmpty()
                && backends.stream()
                        .allMatch(backend -> backend.weight()
                                .value()
                                .filter(weight -> weight == 0)
                                .isPresent());
        if (isUseless) {
            pool.backendList().warn("all weights are 0: the pool takes no new flows");
        }
    }

    private static void checkTableSize(PoolSection pool) {
        Setting<Integer> tableSize = pool.tableSize();
        int backends = pool.backends().size();
        tableSize.value().ifPresent(slots -> {
            if (slots < backends) {
                tableSize.fault("at least as many slots as backends, which are " + backends);
            } else if ((long) backends * GOOD_SLOTS_PER_BACKEND > slots) {
                tableSize.warn(slots + " slots for " + backends + " backends: shares are rounded to " + "1 in "
                        + slots / backends + "; a larger prime makes them finer");
            }
        });
    }
}
