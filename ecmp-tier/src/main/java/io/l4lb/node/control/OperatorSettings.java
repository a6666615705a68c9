package io.l4lb.node.control;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What the operator has set by {@code drain}, {@code undrain} and {@code weight}; immutable.
 *
 * @param backends those that differ from the configuration, no others
 */
public record OperatorSettings(boolean nodeDrained, Map<BackendKey, Setting> backends) {
    public static final OperatorSettings NONE = new OperatorSettings(false, Map.of());

    /**
     * Of one backend.
     *
     * @param weight in place of the configured one
     */
    public record Setting(boolean drained, OptionalInt weight) {
        static final Setting AS_CONFIGURED = new Setting(false, OptionalInt.empty());
    }

    public OperatorSettings {
        backends = Map.copyOf(backends);
    }

    Setting of(BackendKey backend) {
        return backends.getOrDefault(backend, Setting.AS_CONFIGURED);
    }

    /** {@return the same with the node drained or not} */
    public OperatorSettings withNodeDrained(boolean drained) {
        return new OperatorSettings(drained, backends);
    }

    /** {@return the same with that backend drained or not} */
    public OperatorSettings withDrained(BackendKey backend, boolean drained) {
        return with(backend, new Setting(drained, of(backend).weight));
    }

    /** {@return the same with another weight of that backend; empty: the configured one} */
    public OperatorSettings withWeight(BackendKey backend, OptionalInt weight) {
        return with(backend, new Setting(of(backend).drained, weight));
    }

    private OperatorSettings with(BackendKey backend, Setting setting) {
        Map<BackendKey, Setting> next = new HashMap<>(backends);
        if (setting.equals(Setting.AS_CONFIGURED)) {
            next.remove(backend);
        } else {
            next.put(backend, setting);
        }
        return new OperatorSettings(nodeDrained, next);
    }

    /** {@return the same for these backends only} */
    OperatorSettings keepingOnly(Set<BackendKey> known) {
        Map<BackendKey, Setting> next = new HashMap<>(backends);
        next.keySet().retainAll(known);
        return new OperatorSettings(nodeDrained, next);
    }

    /** {@return the same, but what {@code others} have for those backends that {@code theirs} chooses} */
    OperatorSettings orElse(OperatorSettings others, Predicate<BackendKey> theirs) {
        Map<BackendKey, Setting> next = new HashMap<>(backends);
        others.backends.forEach((key, setting) -> {
            if (theirs.test(key)) {
                next.put(key, setting);
            }
        });
        return new OperatorSettings(nodeDrained, next);
    }
}
