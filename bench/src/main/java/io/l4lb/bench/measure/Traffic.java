package io.l4lb.bench.measure;

/**
 * The packets of a cell.
 *
 * @param flows a multiple of {@code captured}
 * @param captured frames of the capture; each stands for {@code flows / captured} flows
 * @param frameBytes without FCS; at least what the headers need
 * @param burst packets taken at once, at most
 */
public record Traffic(int flows, int captured, int frameBytes, int burst) {
    /** What the mbufs of a capture of short frames are to take at most: 0.5 GB a contender. */
    private static final int CAPTURED_MAX = 1_000_000;

    public static final int FRAME_BYTES = 60;
    public static final int BURST = 32;

    public Traffic {
        if (flows < 1) {
            throw new IllegalArgumentException("flows: %,d; expected 1 or more".formatted(flows));
        }
        if (flows < captured || flows % captured != 0) {
            throw new IllegalArgumentException(
                    "flows: %,d is no multiple of the %,d frames captured".formatted(flows, captured));
        }
    }

    /** {@return short frames in full bursts, each captured by itself up to a million} */
    public static Traffic of(int flows, int frameBytes) {
        return new Traffic(flows, Math.min(flows, CAPTURED_MAX), frameBytes, BURST);
    }

    int variants() {
        return flows / captured;
    }
}
