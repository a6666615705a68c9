package io.l4lb.bench.contender;

/** A process that forwards when told to and sleeps otherwise. One thread. */
public interface Contender extends AutoCloseable {
    /** {@return its name in tables} */
    String name();

    /** {@return the version of DPDK that it runs on} */
    String dpdkVersion();

    /**
     * Polls for both times, one after the other.
     *
     * @param warmSeconds not measured
     * @return what was done in the measured time
     */
    Sample run(double warmSeconds, double seconds);

    /** Ends the process and waits for it. */
    @Override
    void close();
}
