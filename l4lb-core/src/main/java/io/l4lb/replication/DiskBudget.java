package io.l4lb.replication;

/**
 * What all journals together may take on disk. Beyond half of it a checkpoint is written, so that older files can go; beyond
 * the whole nothing is journaled but that checkpoint. Set by the journal thread once a second, read by peers' receivers.
 */
final class DiskBudget {
    private final long bytesMax;
    private volatile long bytes;

    DiskBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    void used(long bytesNow) {
        bytes = bytesNow;
    }

    /** {@return bytes on disk} */
    long used() {
        return bytes;
    }

    boolean isHalfSpent() {
        return bytes > bytesMax / 2;
    }

    boolean isSpent() {
        return bytes > bytesMax;
    }

    /** {@return what to tell an operator} */
    String words() {
        return "the journals take " + (bytes >> 20) + " MiB, replication.diskBytes allows " + (bytesMax >> 20) + " MiB";
    }
}
