package io.l4lb.peer.tls;

import io.l4lb.config.replication.ReplicationConfig.TlsConfig;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The node's key, certificate and trusted certificates, read again when the files change; connections that are made already
 * keep what they were made with. Files that do not fit together (one is written before the other) change nothing. Any thread.
 */
public final class TlsFiles {
    private final TlsConfig files;
    private final String nodeId;
    private List<String> stamps;
    private TlsKeys keys;
    private Optional<String> problem = Optional.empty();

    /**
     * Reads the files.
     *
     * @throws TlsFilesException which file is wrong, and what would be right
     */
    public TlsFiles(TlsConfig files, String nodeId) {
        this.files = files;
        this.nodeId = nodeId;
        stamps = look();
        keys = TlsKeys.read(files, nodeId);
    }

    /** Reads the files if they have changed. {@return whether there are new keys} */
    public synchronized boolean refresh() {
        List<String> now = look();
        if (now.equals(stamps)) {
            return false;
        }
        stamps = now;
        try {
            keys = TlsKeys.read(files, nodeId);
            problem = Optional.empty();
            return true;
        } catch (TlsFilesException e) {
            problem = Optional.of(e.getMessage());
            return false;
        }
    }

    /** {@return what is wrong with the files as they are now; those before are in use} */
    public synchronized Optional<String> problem() {
        return problem;
    }

    /** Takes over a connected, non-blocking channel. */
    public TlsLink link(SocketChannel channel, boolean isClient) {
        refresh();
        return new TlsLink(channel, current().engine(isClient));
    }

    private synchronized TlsKeys current() {
        return keys;
    }

    private List<String> look() {
        return Stream.of(files.certificate(), files.key(), files.ca())
                .map(TlsFiles::stamp)
                .toList();
    }

    private static String stamp(Path file) {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            return found.lastModifiedTime() + " " + found.size() + " " + found.fileKey();
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
