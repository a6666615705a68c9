package io.l4lb.cli.usage;

/** Ends the command with exit code 2 and its message on stderr, without a stack trace. */
public final class WrongUseException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public WrongUseException(String message) {
        super(message);
    }

    public WrongUseException(String message, Throwable cause) {
        super(message, cause);
    }
}
