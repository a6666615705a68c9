package io.l4lb.bench.forward;

import com.fasterxml.jackson.jr.ob.JSON;
import io.l4lb.bench.contender.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The report for programs: facts, and every sample of every cell. */
final class ForwardJson {
    private ForwardJson() {}

    static void write(Path file, Map<String, String> facts, List<CellResult> results) throws IOException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("machine", facts);
        document.put("cells", results.stream().map(ForwardJson::cell).toList());
        Files.writeString(file, JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(document) + "\n");
    }

    private static Map<String, Object> cell(CellResult result) {
        Cell cell = result.cell();
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("mode", cell.mode().label());
        map.put("family", cell.family());
        map.put("encapsulation", cell.encapsulation().label());
        map.put("flows", cell.flows());
        map.put("workers", cell.workers());
        map.put("frameBytes", cell.frameBytes());
        map.put("vips", cell.vips());
        map.put("backends", cell.backends());
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
                result.samples(contender).stream().map(ForwardJson::sample).toList());
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
        return map;
    }
}
