package io.l4lb.bench.contender;

/** A contender that did not start or did not answer; the message has what it said. */
public final class ContenderException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ContenderException(String message, Throwable cause) {
        super(message, cause);
    }

    ContenderException(String message) {
        super(message);
    }
}
