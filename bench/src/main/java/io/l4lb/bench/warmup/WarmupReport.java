package io.l4lb.bench.warmup;

import com.fasterxml.jackson.jr.ob.JSON;
import io.l4lb.bench.measure.Spread;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The results for people and for programs. */
record WarmupReport(String what, List<NodeStart> starts, List<FirstPacketsResult> warm, List<FirstPacketsResult> cold) {
    WarmupReport {
        starts = List.copyOf(starts);
        warm = List.copyOf(warm);
        cold = List.copyOf(cold);
    }

    String dpdkVersion() {
        return warm.stream().findFirst().map(FirstPacketsResult::dpdkVersion).orElse("");
    }

    void print(PrintWriter out, Map<String, String> facts) {
        facts.forEach((name, value) -> out.println(name + ": " + value));
        out.println();
        NodeStart.report(starts).forEach(out::println);
        if (!starts.isEmpty()) {
            out.println("ready, ms, min / median / max: "
                    + Spread.of(starts.stream().map(NodeStart::readyMs).toList())
                            .text(0));
        }
        if (warm.isEmpty()) {
            return;
        }
        out.printf("%n%s; CPU ns a packet of the worker's thread, min / median / max of %d JVMs%n", what, warm.size());
        out.printf("%-24s  %-28s  %s%n", "", "with warm-up", "without");
        for (int i = 0; i < FirstPackets.MILESTONES.length; i++) {
            int milestone = i;
            row(
                    out,
                    "first %,d".formatted(FirstPackets.MILESTONES[i]),
                    result -> result.first().get(milestone),
                    1);
        }
        row(out, "steady state", FirstPacketsResult::steady, 1);
        row(out, "first %,d / steady".formatted(FirstPackets.MILESTONES[2]), FirstPacketsResult::ratio, 2);
        row(out, "warm-up, ms", FirstPacketsResult::warmUpMs, 0);
        out.printf(
                "warm-ups that reached their limit: %d%n",
                warm.stream().filter(result -> !result.compiled()).count());
    }

    private void row(PrintWriter out, String label, ToDoubleFunction<FirstPacketsResult> value, int decimals) {
        out.printf(
                "%-24s  %-28s  %s%n",
                label, spread(warm, value).text(decimals), spread(cold, value).text(decimals));
    }

    private static Spread spread(List<FirstPacketsResult> results, ToDoubleFunction<FirstPacketsResult> value) {
        return Spread.of(results.stream().mapToDouble(value).toArray());
    }

    void write(Path file, Map<String, String> facts) throws IOException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("machine", facts);
        document.put("what", what);
        document.put(
                "starts",
                starts.stream()
                        .map(start -> Map.of("readyMs", start.readyMs(), "phases", start.phases()))
                        .toList());
        document.put("warm", warm.stream().map(WarmupReport::round).toList());
        document.put("cold", cold.stream().map(WarmupReport::round).toList());
        Files.writeString(file, JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(document) + "\n");
    }

    private static Map<String, Object> round(FirstPacketsResult result) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("compiled", result.compiled());
        map.put("warmUpMs", result.warmUpMs());
        for (int i = 0; i < FirstPackets.MILESTONES.length; i++) {
            map.put("first" + FirstPackets.MILESTONES[i], result.first().get(i));
        }
        map.put("steady", result.steady());
        map.put("ratio", result.ratio());
        return map;
    }
}
