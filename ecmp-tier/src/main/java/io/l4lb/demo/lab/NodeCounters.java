package io.l4lb.demo.lab;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The counters of a node, workers and pools summed; read from {@code l4lb counters --json}.
 *
 * @param rxPackets received by DPDK, whatever became of them
 * @param txPackets sent to backends, or echo replies
 * @param fragments passed on to backends
 * @param fragmentsReleased of those, the ones that had been held before
 * @param tunnelErrors ICMP errors about encapsulated packets that were heeded
 * @param tunnelErrorsTold of those, the ones that a client got in its own terms
 * @param tooBigReplies clients that were told of a smaller MTU by the node itself
 * @param outerFragments frames sent in addition, because an outer packet was cut
 * @param flowMisses packets that pinned a flow anew
 * @param flowEvictions flows, none of them proven, that gave way to a newer one
 * @param flowUnpinned packets of new flows that found no place, and were forwarded
 * @param flowRepins flows whose backend had gone
 * @param drops packets by the label of the reason
 * @param backendPackets packets by the backend's name
 */
public record NodeCounters(
        long rxPackets,
        long txPackets,
        long fragments,
        long fragmentsReleased,
        long tunnelErrors,
        long tunnelErrorsTold,
        long tooBigReplies,
        long outerFragments,
        long flowMisses,
        long flowEvictions,
        long flowUnpinned,
        long flowRepins,
        Map<String, Long> drops,
        Map<String, Long> backendPackets) {

    /** JSON is YAML, and the parser of YAML is here already. */
    public static NodeCounters parse(String json) {
        Map<?, ?> document = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(json);
        List<?> workers = (List<?>) document.get("workers");
        Map<String, Long> drops = new TreeMap<>();
        for (Object worker : workers) {
            ((Map<?, ?>) ((Map<?, ?>) worker).get("drops"))
                    .forEach((label, packets) -> drops.merge((String) label, number(packets), Long::sum));
        }
        Map<String, Long> backendPackets = new TreeMap<>();
        for (Object element : (List<?>) document.get("backends")) {
            Map<?, ?> backend = (Map<?, ?>) element;
            backendPackets.merge((String) backend.get("name"), number(backend.get("packets")), Long::sum);
        }
        return new NodeCounters(
                sum(workers, "rxPackets"),
                sum(workers, "txPackets"),
                sum(workers, "fragments"),
                sum(workers, "fragmentsReleased"),
                sum(workers, "tunnelErrors"),
                sum(workers, "tunnelErrorsTold"),
                sum(workers, "tooBigReplies"),
                sum(workers, "outerFragments"),
                sum(workers, "flowMisses"),
                sum(workers, "flowEvictions"),
                sum(workers, "flowUnpinned"),
                sum(workers, "flowRepins"),
                drops,
                backendPackets);
    }

    private static long sum(List<?> workers, String key) {
        return workers.stream()
                .mapToLong(worker -> number(((Map<?, ?>) worker).get(key)))
                .sum();
    }

    private static long number(Object value) {
        return ((Number) value).longValue();
    }
}
