package io.l4lb.node.admin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Notices that a file has changed and that whoever wrote it is done: it looks different from before, and the same in two
 * looks. By looking, not by inotify: that also sees symbolic links that are switched (as Kubernetes does) and network file
 * systems, and needs no limit raised. One thread.
 */
public final class FileWatch {
    private record Look(Object fileKey, long sizeBytes, long modifiedNs) {
        static Look at(Path file) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                return new Look(
                        String.valueOf(attributes.fileKey()),
                        attributes.size(),
                        attributes.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS));
            } catch (IOException e) {
                return new Look("", -1, -1); // between removal and renaming, or unreadable: the reload will say
            }
        }
    }

    private final Path file;
    private Look used;
    private Look last;

    public FileWatch(Path file) {
        this.file = file;
        used = Look.at(file);
        last = used;
    }

    /** {@return whether the file is complete and other than it was when this was last true} To be asked every second. */
    public boolean isChanged() {
        Look now = Look.at(file);
        boolean settled = now.equals(last);
        last = now;
        if (!settled || now.equals(used) || now.sizeBytes < 0) {
            return false;
        }
        used = now;
        return true;
    }
}
