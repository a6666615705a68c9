package io.l4lb.node;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.errors.DistinctErrorLog;
import org.agrona.concurrent.errors.ErrorLogReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What workers' loops caught, each distinct error once with how often it was seen: a worker that fails on every packet
 * must not fill the log. Workers record; the control thread logs.
 */
final class WorkerErrors implements Consumer<Throwable> {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerErrors.class);
    private static final int LENGTH_BYTES = 1 << 18;

    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(LENGTH_BYTES));
    private final DistinctErrorLog log = new DistinctErrorLog(buffer, System::currentTimeMillis);
    private long loggedUntilMs;

    @Override
    public void accept(Throwable error) {
        log.record(error);
    }

    /** Logs the errors that were seen since the last call. */
    void report() {
        long nowMs = System.currentTimeMillis();
        if (ErrorLogReader.hasErrors(buffer)) {
            ErrorLogReader.read(
                    buffer,
                    (count, firstMs, lastMs, text) -> LOG.error("worker failed {} time(s): {}", count, text),
                    loggedUntilMs);
        }
        loggedUntilMs = nowMs;
    }
}
