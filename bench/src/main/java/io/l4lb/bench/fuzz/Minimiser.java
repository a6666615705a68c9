package io.l4lb.bench.fuzz;

import io.l4lb.bench.rig.FuzzInput;
import io.l4lb.bench.rig.FuzzInput.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** Makes a failure small: inputs that are not needed go, then steps, then bytes. Bounded by the number of its trials. */
final class Minimiser {
    private final Predicate<List<byte[]>> fails;
    private int trialsLeft;

    /** @param fails whether these inputs, one after the other through new workers, fail */
    Minimiser(Predicate<List<byte[]>> fails, int trials) {
        this.fails = fails;
        trialsLeft = trials;
    }

    /** {@return fewer and shorter ones that fail too; the same if they do not} */
    List<byte[]> minimise(List<byte[]> inputs) {
        List<byte[]> alone = List.of(inputs.getLast());
        List<byte[]> least = isFailing(alone) ? alone : without(inputs);
        List<byte[]> small = new ArrayList<>(least);
        for (int i = 0; i < small.size(); i++) {
            shorten(small, i);
        }
        return small;
    }

    private boolean isFailing(List<byte[]> inputs) {
        return trialsLeft-- > 0 && fails.test(inputs);
    }

    /** Drops halves, quarters and so on, as long as the rest fails. */
    private <T> List<T> without(List<T> all, Predicate<List<T>> stillFails) {
        List<T> rest = new ArrayList<>(all);
        for (int chunk = Math.max(1, rest.size() / 2); chunk > 0; chunk /= 2) {
            for (int from = 0; from < rest.size(); ) {
                List<T> less = new ArrayList<>(rest.subList(0, from));
                less.addAll(rest.subList(Math.min(rest.size(), from + chunk), rest.size()));
                if (!less.isEmpty() && stillFails.test(less)) {
                    rest = less;
                } else {
                    from += chunk;
                }
            }
        }
        return rest;
    }

    private List<byte[]> without(List<byte[]> inputs) {
        return without(inputs, this::isFailing);
    }

    private void shorten(List<byte[]> inputs, int i) {
        FuzzInput input = FuzzInput.of(inputs.get(i));
        Predicate<List<Step>> stillFails = steps -> {
            List<byte[]> changed = new ArrayList<>(inputs);
            changed.set(i, input.with(steps).bytes());
            return isFailing(changed);
        };
        if (input.steps().isEmpty()) {
            return;
        }
        List<Step> steps = new ArrayList<>(without(input.steps(), stillFails));
        for (int j = 0; j < steps.size(); j++) {
            for (Step shorter : shorter(steps.get(j))) {
                List<Step> changed = new ArrayList<>(steps);
                changed.set(j, shorter);
                if (stillFails.test(changed)) {
                    steps = changed;
                }
            }
        }
        if (stillFails.test(steps)) {
            inputs.set(i, input.with(steps).bytes());
        }
    }

    /** {@return what could do instead}: no payload, the first half of the head, in the same burst, without trouble */
    private static List<Step> shorter(Step step) {
        byte[] half = Arrays.copyOf(step.head(), step.head().length / 2);
        return List.of(
                new Step(step.gap(), step.fit(), step.trouble(), 0, step.head()),
                new Step(step.gap(), step.fit(), step.trouble(), step.restBytes(), half),
                new Step(step.gap(), step.fit(), FuzzInput.Trouble.NONE, step.restBytes(), step.head()),
                new Step(0, step.fit(), step.trouble(), step.restBytes(), step.head()));
    }
}
