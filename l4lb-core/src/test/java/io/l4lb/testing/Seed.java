package io.l4lb.testing;

/** The seed of a test's random numbers: new in each run, or {@code -Dl4lb.seed=N} to repeat one. */
public final class Seed {
    private Seed() {}

    /** {@return the seed, which it has printed} */
    public static long of(Class<?> test) {
        long seed = Long.getLong("l4lb.seed", System.nanoTime());
        System.out.println(test.getSimpleName() + ": repeat with -Dl4lb.seed=" + seed);
        return seed;
    }
}
