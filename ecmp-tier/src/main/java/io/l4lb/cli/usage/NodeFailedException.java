package io.l4lb.cli.usage;

/** There is no node to talk to, or it could not do what was asked. Ends the command with exit code 1. */
public final class NodeFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public NodeFailedException(String message) {
        super(message);
    }
}
