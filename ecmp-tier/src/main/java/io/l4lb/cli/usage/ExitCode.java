package io.l4lb.cli.usage;

/** What the process says to who started it. */
public final class ExitCode {
    public static final int DONE = 0;
    /** The work failed. */
    public static final int FAILED = 1;
    /** Wrong use, wrong configuration, an input that cannot be read, an output that cannot be written. */
    public static final int WRONG_USE = 2;

    private ExitCode() {}
}
