package io.l4lb.bench.stall;

import com.fasterxml.jackson.jr.ob.JSON;
import io.l4lb.bench.gaps.GapCause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/** The report for programs: facts, each round's figures, and every gap: [nanoseconds, count]. */
final class StallJson {
    private StallJson() {}

    static void write(Path file, Map<String, String> facts, List<StallResult> results) throws IOException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("machine", facts);
        document.put("contenders", results.stream().map(StallJson::contender).toList());
        Files.writeString(file, JSON.std.asString(document) + "\n");
    }

    private static Map<String, Object> contender(StallResult result) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", result.name());
        map.put("rounds", result.samples().stream().map(StallJson::sample).toList());
        Map<String, Object> gaps = new LinkedHashMap<>();
        for (GapCause cause : GapCause.values()) {
            gaps.put(cause.label(), pairs(result.gaps().of(cause)));
        }
        map.put("gaps", gaps);
        return map;
    }

    private static Map<String, Object> sample(StallSample sample) {
        Histogram all = sample.gaps().all();
        TimeWeight time = new TimeWeight(all);
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("passes", all.getTotalCount());
        map.put("packets", sample.packets());
        map.put("wallNs", sample.wallNs());
        map.put("workerBytes", sample.workerBytes());
        map.put("allocatedBytes", sample.allocatedBytes());
        map.put("reloads", sample.reloads());
        map.put("counterReads", sample.counterReads());
        map.put("p9999ByPassesUs", StallResult.byPassUs(sample));
        map.put("p9999ByTimeUs", StallResult.byTimeUs(sample));
        map.put("maxUs", all.getMaxValue() / StallResult.NANOS_PER_MICRO);
        map.put("shareInLongGaps", time.shareInLongGaps());
        map.put("shareLost", time.shareLost());
        return map;
    }

    private static List<List<Long>> pairs(Histogram histogram) {
        List<List<Long>> pairs = new ArrayList<>();
        for (HistogramIterationValue value : histogram.recordedValues()) {
            pairs.add(List.of(value.getValueIteratedTo(), value.getCountAtValueIteratedTo()));
        }
        return pairs;
    }
}
