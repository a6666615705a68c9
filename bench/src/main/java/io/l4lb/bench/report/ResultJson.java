package io.l4lb.bench.report;

import com.fasterxml.jackson.jr.ob.JSON;
import io.l4lb.bench.contender.Sample;
import io.l4lb.bench.measure.Cell;
import io.l4lb.bench.measure.CellResult;
import io.l4lb.bench.measure.Results;
import io.l4lb.bench.measure.Spread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The report for programs: facts, and every sample of every cell. */
public final class ResultJson {
    private ResultJson() {}

    /** Writes one document. */
    public static void write(Path file, Results results) throws IOException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("machine", results.facts());
        document.put("cells", results.cells().stream().map(ResultJson::cell).toList());
        Files.writeString(file, JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(document) + "\n");
    }

    private static Map<String, Object> cell(CellResult result) {
        Cell cell = result.cell();
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("mode", cell.mode().label());
        map.put("replication", cell.replicated().label());
        map.put("family", cell.family());
        map.put("encapsulation", cell.encapsulation().label());
        map.put("flows", cell.traffic().flows());
        map.put("captured", cell.traffic().captured());
        map.put("frameBytes", cell.traffic().frameBytes());
        map.put("burst", cell.traffic().burst());
        map.put("workers", cell.workers());
        map.put("vips", cell.tables().vips());
        map.put("backends", cell.tables().backends());
        map.put("flowTableBytes", cell.flowTableBytes());
        Map<String, Object> contenders = new LinkedHashMap<>();
        result.contenders().forEach(contender -> contenders.put(contender, contender(result, contender)));
        map.put("contenders", contenders);
        return map;
    }

    private static Map<String, Object> contender(CellResult result, String contender) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("nsPerPacket", result.spread(contender, Sample::nsPerPacket).toMap());
        map.put("mpps", result.spread(contender, Sample::mpps).toMap());
        if (!contender.equals(CellResult.JAVA)) {
            map.put("javaRatio", Spread.of(result.ratios(contender)).toMap());
        }
        map.put(
                "rounds",
                result.samples(contender).stream().map(ResultJson::sample).toList());
        return map;
    }

    private static Map<String, Object> sample(Sample sample) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("packets", sample.packets());
        map.put("cpuNs", sample.cpuNs());
        map.put("wallNs", sample.wallNs());
        map.put("preempted", sample.preempted());
        map.put("allocatedBytes", sample.allocatedBytes());
        map.put("hits", sample.hits());
        map.put("misses", sample.misses());
        map.put("evictions", sample.evictions());
        map.put("drops", sample.drops());
        map.put("untold", sample.untold());
        map.put("journalCpuNs", sample.journalCpuNs());
        map.put("journaled", sample.journaled());
        return map;
    }
}
