package io.l4lb.node;

/** A node cannot start, or cannot take a new configuration. The message is for the operator. */
public final class NodeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NodeException(String message) {
        super(message);
    }

    NodeException(String message, Throwable cause) {
        super(message, cause);
    }
}
