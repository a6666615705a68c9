package io.l4lb.bench.stall;

import io.l4lb.bench.gaps.GapHistograms;
import java.util.HashMap;
import java.util.Map;

/**
 * One measured round of one contender.
 *
 * @param workerBytes that the polling thread allocated
 * @param allocatedBytes that all threads allocated
 */
record StallSample(
        GapHistograms gaps,
        long packets,
        long wallNs,
        long workerBytes,
        long allocatedBytes,
        long reloads,
        long counterReads) {
    static final String START = "RESULT ";

    static StallSample parse(GapHistograms gaps, String line) {
        Map<String, Long> values = new HashMap<>();
        for (String pair : line.substring(START.length()).split(" ", -1)) {
            int equals = pair.indexOf('=');
            values.put(pair.substring(0, equals), Long.valueOf(pair.substring(equals + 1)));
        }
        return new StallSample(
                gaps,
                values.get("packets"),
                values.get("wallNs"),
                values.get("workerBytes"),
                values.get("allocatedBytes"),
                values.get("reloads"),
                values.get("counterReads"));
    }
}
