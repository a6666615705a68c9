package io.l4lb.bench.contender;

import java.util.HashMap;
import java.util.Map;

/**
 * One measured run of one contender.
 *
 * @param cpuNs CPU time of the polling threads, together
 * @param preempted how often a polling thread lost its core; -1: not known
 * @param untold changes of flows that found the ring to the journal full
 * @param journalCpuNs CPU time of the journal thread
 * @param journaled changes of flows that it has written
 */
public record Sample(
        long packets,
        long cpuNs,
        long wallNs,
        long preempted,
        long allocatedBytes,
        long hits,
        long misses,
        long evictions,
        long drops,
        long untold,
        long journalCpuNs,
        long journaled) {
    static final String START = "RESULT ";

    /** {@return the sample in a contender's answer} */
    static Sample parse(String line) {
        Map<String, Long> values = new HashMap<>();
        for (String pair : line.substring(START.length()).split(" ", -1)) {
            int equals = pair.indexOf('=');
            values.put(pair.substring(0, equals), Long.valueOf(pair.substring(equals + 1)));
        }
        return new Sample(
                values.get("packets"),
                values.get("cpuNs"),
                values.get("wallNs"),
                values.get("preempted"),
                values.get("allocatedBytes"),
                values.get("hits"),
                values.get("misses"),
                values.get("evictions"),
                values.get("drops"),
                values.getOrDefault("untold", 0L), // the twin tells nobody anything
                values.getOrDefault("journalCpuNs", 0L),
                values.getOrDefault("journaled", 0L));
    }

    public double nsPerPacket() {
        return (double) cpuNs / packets;
    }

    /** {@return CPU time of the journal thread for each packet} */
    public double journalNsPerPacket() {
        return (double) journalCpuNs / packets;
    }

    public double journaledPerSecond() {
        return journaled * 1e9 / wallNs;
    }

    /** {@return million packets a second of wall time, all workers together} */
    public double mpps() {
        return packets * 1e3 / wallNs;
    }

    public double bytesPerPacket() {
        return (double) allocatedBytes / packets;
    }
}
