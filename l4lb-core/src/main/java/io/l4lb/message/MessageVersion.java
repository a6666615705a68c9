package io.l4lb.message;

/** Which peers understand each other. */
public final class MessageVersion {
    /** Raised when a field changes, moves or goes; a peer with another one is refused. Appending fields does not raise it. */
    public static final int MAJOR = 1;

    private MessageVersion() {}
}
