package io.l4lb.node;

import io.l4lb.counters.CounterFile;
import io.l4lb.counters.CounterSnapshot;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's own directory: locked for as long as the process lives, and home of its counters. A disk that fails later
 * costs the counters, never the forwarding. Control thread.
 */
final class StateDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateDirectory.class);
    private static final String LOCK_NAME = "lock";
    /** Between two attempts to make a counter file, in calls of {@link #publish}: 5 s. */
    private static final int RETRY_CALLS = 50;

    private final Path path;
    private final FileChannel lockChannel;
    private CounterFile counterFile;
    private List<String> countedNames = List.of();
    private int callsToRetry;
    private boolean isClosed;

    private StateDirectory(Path path, FileChannel lockChannel) {
        this.path = path;
        this.lockChannel = lockChannel;
    }

    /** Makes the directory if need be and takes its lock. */
    static StateDirectory open(Path path) {
        try {
            Files.createDirectories(path);
            FileChannel channel =
                    FileChannel.open(path.resolve(LOCK_NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                if (tryLock(channel)) {
                    return new StateDirectory(path, channel);
                }
            } catch (IOException e) {
                channel.close();
                throw e;
            }
            channel.close();
            throw new NodeException("another node runs with node.stateDirectory " + path
                    + "; stop it, or give this one a directory of its own");
        } catch (IOException e) {
            throw new NodeException("node.stateDirectory " + path + " cannot be used: " + e, e);
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // held by this very process
        }
    }

    /** Writes the counters, into a new file when a reload has changed what there is to count. Any thread. */
    synchronized void publish(CounterSnapshot snapshot) {
        if (isClosed) {
            return;
        }
        if (counterFile != null && names(snapshot).equals(countedNames)) {
            counterFile.publish(snapshot, System.currentTimeMillis());
        } else if (callsToRetry-- <= 0) {
            try {
                replaceFile(snapshot);
            } catch (IOException e) {
                callsToRetry = RETRY_CALLS;
                LOG.error("the counters cannot be written, forwarding goes on: {}", e.toString());
            }
        }
    }

    private void replaceFile(CounterSnapshot snapshot) throws IOException {
        closeFile();
        counterFile = CounterFile.create(path, snapshot, System.currentTimeMillis());
        countedNames = names(snapshot);
        callsToRetry = 0;
    }

    private static List<String> names(CounterSnapshot snapshot) {
        return Stream.concat(
                        snapshot.vips().stream().map(CounterSnapshot.VipSnapshot::name),
                        snapshot.backends().stream().map(backend -> backend.pool() + '/' + backend.name()))
                .toList();
    }

    private void closeFile() {
        if (counterFile != null) {
            counterFile.close();
            counterFile = null;
        }
    }

    /** Leaves the last counters to be read, and lets go of the lock. */
    @Override
    public synchronized void close() {
        isClosed = true;
        closeFile();
        try {
            lockChannel.close();
        } catch (IOException e) {
            LOG.warn("the lock of {} could not be closed: {}", path, e.toString());
        }
    }
}
