package io.l4lb.journal;

/** The disk does not do what is wanted: full, gone, not ours. Later it may; callers back off and try again. */
public final class JournalException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public JournalException(String message) {
        super(message);
    }

    public JournalException(String message, Throwable cause) {
        super(message + ": " + cause, cause);
    }
}
