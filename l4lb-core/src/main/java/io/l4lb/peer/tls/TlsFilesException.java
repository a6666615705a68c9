package io.l4lb.peer.tls;

import java.nio.file.Path;

/** A file of {@code replication.tls} cannot be used; the message names key, file and what would be right. */
public final class TlsFilesException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TlsFilesException(String key, Path file, String expected) {
        super("replication.tls." + key + ": " + file + ": " + expected);
    }
}
