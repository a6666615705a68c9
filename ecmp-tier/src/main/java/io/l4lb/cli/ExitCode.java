package io.l4lb.cli;

/** What the process says to who started it. */
final class ExitCode {
    static final int DONE = 0;
    /** The work failed. */
    static final int FAILED = 1;
    /** Wrong use, wrong configuration, an input that cannot be read, an output that cannot be written. */
    static final int WRONG_USE = 2;

    private ExitCode() {}
}
