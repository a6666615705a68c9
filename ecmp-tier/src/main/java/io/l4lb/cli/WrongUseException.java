package io.l4lb.cli;

/** Ends the command with exit code 2 and its message on stderr, without a stack trace. */
final class WrongUseException extends RuntimeException {
    private static final long serialVersionUID = 1;

    WrongUseException(String message) {
        super(message);
    }

    WrongUseException(String message, Throwable cause) {
        super(message, cause);
    }
}
