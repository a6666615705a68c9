package io.l4lb.replay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds out before any work whether a replay's outputs could be written, and that none would overwrite another file of it. */
public final class OutputFiles {
    private OutputFiles() {}

    /**
     * Checks all outputs.
     *
     * @param in the capture, which no output may overwrite
     * @throws PcapException on the first that cannot be written or is named twice
     */
    public static void check(Path in, List<Path> outputs) throws PcapException {
        List<Path> named = new ArrayList<>(List.of(in));
        for (Path output : outputs) {
            checkWritable(output);
            for (Path other : named) {
                if (areSame(other, output)) {
                    throw new PcapException(output + ": is named twice, expected a file of its own for each output");
                }
            }
            named.add(output);
        }
    }

    private static void checkWritable(Path target) throws PcapException {
        Path directory = target.toAbsolutePath().getParent();
        if (Files.isDirectory(target)) {
            throw new PcapException(target + ": is a directory, expected a file to write");
        }
        if (directory == null || !Files.isDirectory(directory)) {
            throw new PcapException(target + ": cannot be written: no directory " + directory);
        }
        if (!Files.isWritable(Files.exists(target) ? target : directory)) {
            throw new PcapException(target + ": cannot be written: permission denied");
        }
    }

    /** Devices are nobody's own: all outputs may be /dev/null. */
    private static boolean areSame(Path one, Path other) throws PcapException {
        try {
            if (Files.exists(one) && Files.exists(other)) {
                return Files.isRegularFile(one) && Files.isSameFile(one, other);
            }
            return one.toAbsolutePath()
                    .normalize()
                    .equals(other.toAbsolutePath().normalize());
        } catch (IOException e) {
            throw new PcapException(other + ": cannot be looked at: " + e.getMessage(), e);
        }
    }
}
