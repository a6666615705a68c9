package io.l4lb.forwarding;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig.WhenAllDown;
import io.l4lb.net.BackendState;
import java.util.List;
import java.util.stream.IntStream;

/** What the backends of the pools may be used for at present. Asked while a table is built; answers alike until it is. */
public interface BackendUse {
    /** As the configuration says, every backend up: where nobody looks after backends, as in replay. */
    BackendUse CONFIGURED = new BackendUse() {
        @Override
        public int weight(PoolConfig pool, BackendConfig backend) {
            return backend.weight();
        }

        @Override
        public BackendState state(PoolConfig pool, BackendConfig backend) {
            return BackendState.UP;
        }
    };

    /** {@return the share of new flows, relative to the others of its pool, while it is up; 0: only pinned flows} */
    int weight(PoolConfig pool, BackendConfig backend);

    /** {@return whether it can serve new flows, pinned ones, or none} */
    BackendState state(PoolConfig pool, BackendConfig backend);

    /**
     * What the backends of one pool may be used for, as one build of a table sees it: by index in {@code pool.backends()}.
     *
     * @param weights shares of new flows among those that are up
     * @param states who can serve
     * @param isAllDown whether no backend that would take new flows is up
     */
    record OfPool(List<Integer> weights, List<BackendState> states, boolean isAllDown) {
        static OfPool of(PoolConfig pool, BackendUse use) {
            List<BackendConfig> backends = pool.backends();
            List<Integer> weights =
                    backends.stream().map(backend -> use.weight(pool, backend)).toList();
            List<BackendState> states =
                    backends.stream().map(backend -> use.state(pool, backend)).toList();
            boolean anyTakes = IntStream.range(0, weights.size())
                    .anyMatch(i -> states.get(i) == BackendState.UP && weights.get(i) > 0);
            return new OfPool(weights, states, !anyTakes);
        }

        /** {@return the weights to fill the Maglev table with: 0 for a backend that is not up, unless none is} */
        List<Integer> shares() {
            return isAllDown
                    ? weights
                    : IntStream.range(0, weights.size())
                            .mapToObj(i -> states.get(i) == BackendState.UP ? weights.get(i) : Integer.valueOf(0))
                            .toList();
        }

        /** {@return whether flows that are pinned to that backend stay} */
        boolean keepsFlows(int backend, WhenAllDown whenAllDown) {
            return states.get(backend) != BackendState.DOWN || (isAllDown && whenAllDown == WhenAllDown.FORWARD);
        }

        /** {@return whether a VIP has backends for new flows} */
        boolean takesFlows(WhenAllDown whenAllDown) {
            return !isAllDown || whenAllDown == WhenAllDown.FORWARD;
        }
    }
}
