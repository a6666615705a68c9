package io.l4lb.node.control;

import java.util.Optional;

/** A backend of a pool, by their names. */
public record BackendKey(String pool, String backend) {
    private static final char SEPARATOR = '/';

    /** {@return the backend that {@code POOL/NAME} means; empty when the text is not of that form} */
    public static Optional<BackendKey> parse(String text) {
        int at = text.indexOf(SEPARATOR);
        return at > 0 && at < text.length() - 1 && text.indexOf(SEPARATOR, at + 1) < 0
                ? Optional.of(new BackendKey(text.substring(0, at), text.substring(at + 1)))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return pool + SEPARATOR + backend;
    }
}
