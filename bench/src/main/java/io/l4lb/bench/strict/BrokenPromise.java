package io.l4lb.bench.strict;

import java.util.HexFormat;

/** What the pipeline did must not be. */
public final class BrokenPromise extends RuntimeException {
    private static final long serialVersionUID = 1;

    public BrokenPromise(String message) {
        super(message);
    }

    static void unless(boolean kept, String what) {
        if (!kept) {
            throw new BrokenPromise(what);
        }
    }

    /** {@return the same with the bytes that it is about} */
    BrokenPromise about(byte[] came, byte[] left) {
        BrokenPromise whole = new BrokenPromise(getMessage() + "\n  came "
                + HexFormat.of().formatHex(came) + "\n  left " + HexFormat.of().formatHex(left));
        whole.addSuppressed(this);
        return whole;
    }
}
