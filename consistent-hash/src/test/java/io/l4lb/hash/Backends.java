package io.l4lb.hash;

import java.util.SplittableRandom;

/** Backends for tests: identities like IPv4 addresses, and tables made of them. */
final class Backends {
    private Backends() {}

    /** {@return 10.x.y.z as 4 bytes} */
    static byte[] identity(int number) {
        return new byte[] {10, (byte) (number >> 16), (byte) (number >> 8), (byte) number};
    }

    /** {@return the table of backends 0 .. weights.length - 1} */
    static MaglevTable table(int tableSize, int... weights) {
        MaglevTableBuilder builder = new MaglevTableBuilder(tableSize);
        for (int backend = 0; backend < weights.length; backend++) {
            builder.add(identity(backend), weights[backend]);
        }
        return builder.build();
    }

    static int[] equalWeights(int count, int weight) {
        int[] weights = new int[count];
        java.util.Arrays.fill(weights, weight);
        return weights;
    }

    static int[] mixedWeights(int count, int maxWeight, SplittableRandom random) {
        return random.ints(count, 0, maxWeight + 1).toArray();
    }

    static int[] slots(MaglevTable table) {
        return java.util.stream.IntStream.range(0, table.slotCount())
                .map(table::backendAt)
                .toArray();
    }

    static int[] identityMapping(int count) {
        return java.util.stream.IntStream.range(0, count).toArray();
    }
}
