package io.l4lb.hash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Random tables against {@link ReferenceModel} and against what is promised of every table. */
class MaglevTablePropertyTest {
    private static final int ROUNDS = 400;

    private final long seed = Long.getLong("l4lb.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    @Test
    void everyTableIsTheOneOfTheSlowModel() {
        for (int round = 0; round < ROUNDS; round++) {
            int size = Primes.nextPrime(random.nextInt(2, 400));
            int[] weights = randomWeights(random.nextInt(1, 40));
            int[] offsets = random.ints(weights.length, 0, size).toArray();
            int[] skips = random.ints(weights.length, 1, size).toArray();

            MaglevTable table = SlotFill.fill(size, offsets, skips, weights);

            assertThat(Backends.slots(table))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(ReferenceModel.fill(size, offsets, skips, weights));
        }
    }

    @Test
    void everyBackendGetsItsExactShareToWithinOneSlot() {
        for (int round = 0; round < ROUNDS; round++) {
            int size = Primes.nextPrime(random.nextInt(2, 5000));
            int[] weights = randomWeights(random.nextInt(1, 200));
            long sum = Arrays.stream(weights).asLongStream().sum();
            int[] counts = Backends.table(size, weights).slotCounts(weights.length);

            for (int backend = 0; backend < weights.length && sum > 0; backend++) {
                double share = (double) size * weights[backend] / sum;
                assertThat(Math.abs(counts[backend] - share))
                        .as("seed %d round %d backend %d", seed, round, backend)
                        .isLessThan(1.0);
            }
        }
    }

    @Test
    void theOrderOfAddingChangesNothingButTheOrdinals() {
        for (int round = 0; round < ROUNDS; round++) {
            int size = Primes.nextPrime(random.nextInt(2, 2000));
            int[] weights = randomWeights(random.nextInt(1, 50));
            int[] order = shuffled(weights.length);
            MaglevTableBuilder builder = new MaglevTableBuilder(size);
            for (int backend : order) {
                builder.add(Backends.identity(backend), weights[backend]);
            }
            int[] slots = Backends.slots(builder.build());

            int[] translated = Arrays.stream(slots)
                    .map(ordinal -> ordinal < 0 ? ordinal : order[ordinal])
                    .toArray();
            assertThat(translated)
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(Backends.slots(Backends.table(size, weights)));
        }
    }

    @Test
    void weightsInTheSameProportionGiveTheSameTable() {
        for (int round = 0; round < ROUNDS; round++) {
            int size = Primes.nextPrime(random.nextInt(2, 2000));
            int[] weights = Backends.mixedWeights(random.nextInt(1, 50), 200, random);
            int factor = random.nextInt(2, 327);
            int[] scaled = Arrays.stream(weights).map(weight -> weight * factor).toArray();

            assertThat(Backends.slots(Backends.table(size, scaled)))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(Backends.slots(Backends.table(size, weights)));
        }
    }

    private int[] randomWeights(int count) {
        int[] highest = {1, 2, 10, 100, 65_535};
        int[] weights = Backends.mixedWeights(count, highest[random.nextInt(highest.length)], random);
        if (random.nextInt(4) == 0) {
            weights[random.nextInt(count)] = 65_535;
        }
        return weights;
    }

    private int[] shuffled(int count) {
        int[] order = Backends.identityMapping(count);
        for (int last = count - 1; last > 0; last--) {
            int other = random.nextInt(last + 1);
            int swapped = order[last];
            order[last] = order[other];
            order[other] = swapped;
        }
        return order;
    }
}
