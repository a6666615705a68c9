package io.l4lb.demo;

import io.l4lb.demo.lab.NodeCounters;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the demo found out.
 *
 * @param vips one row per VIP, over all steps
 * @param nodes counters by the node's name, before the backend was removed
 * @param connections of the first step by the backend that answered
 * @param removal of a backend
 * @param backendEvents that backends went through
 * @param events that nodes went through
 * @param survival of connections when the worst of these happened
 */
record DemoReport(
        List<VipRow> vips,
        Map<String, NodeCounters> nodes,
        Map<String, Long> connections,
        Removal removal,
        List<BackendRow> backendEvents,
        List<EventRow> events,
        Survival survival) {

    /** One VIP; a request or download that the removal was meant to end is not a failure. */
    record VipRow(String name, String url, int requests, int ok, int failed, double p50Ms, double p99Ms, int backends) {
        Map<String, Object> toMap() {
            Map<String, Object> map = new TreeMap<>();
            map.put("vip", name);
            map.put("url", url);
            map.put("requests", requests);
            map.put("ok", ok);
            map.put("failed", failed);
            map.put("p50Ms", p50Ms);
            map.put("p99Ms", p99Ms);
            map.put("backends", backends);
            return map;
        }
    }

    /**
     * What the removal of a backend did to downloads that were running.
     *
     * @param backend that was removed
     * @param itsDownloads how many ran from it
     * @param itsDownloadsCut how many of those did not complete
     * @param otherDownloads how many ran from other backends
     * @param otherDownloadsCut how many of those did not complete: 0, or l4lb is broken
     * @param newRequests made after the removal
     * @param newRequestsToIt how many of those the removed backend answered: 0, or l4lb is broken
     */
    record Removal(
            String backend,
            int itsDownloads,
            int itsDownloadsCut,
            int otherDownloads,
            int otherDownloadsCut,
            int newRequests,
            int newRequestsToIt) {
        Map<String, Object> toMap() {
            Map<String, Object> map = new TreeMap<>();
            map.put("backend", backend);
            map.put("itsDownloads", itsDownloads);
            map.put("itsDownloadsCut", itsDownloadsCut);
            map.put("otherDownloads", otherDownloads);
            map.put("otherDownloadsCut", otherDownloadsCut);
            map.put("newRequests", newRequests);
            map.put("newRequestsToIt", newRequestsToIt);
            return map;
        }
    }

    /**
     * Something that happened to a node under running downloads.
     *
     * @param name node and what happened to it
     * @param goneMs until the router stopped using it
     * @param downloads that were running, over all nodes
     * @param failed of those: 0, or l4lb is broken
     */
    record EventRow(String name, long goneMs, int downloads, int failed) {
        Map<String, Object> toMap() {
            Map<String, Object> map = new TreeMap<>();
            map.put("event", name);
            map.put("goneMs", goneMs);
            map.put("downloads", downloads);
            map.put("failed", failed);
            return map;
        }
    }

    /**
     * What became of running connections when a node was killed, a backend added and another's weight changed.
     *
     * @param connections that exchanged lines all the time, watched from both ends
     * @param broken of those: 0, or l4lb is broken
     */
    record Survival(int connections, int broken) {
        Map<String, Object> toMap() {
            return Map.of("connections", connections, "broken", broken);
        }
    }

    /**
     * Something that happened to a backend under running downloads and new connections.
     *
     * @param name backend and what happened to it
     * @param unusedMs until the nodes sent no new flow there any more
     * @param backMs from when it was well again until the first new flow that it answered
     * @param downloads that it was answering
     * @param downloadsFailed of those: they had no other backend that knew them
     * @param otherDownloads from other backends
     * @param otherDownloadsFailed of those: 0, or l4lb is broken
     * @param newFlows made meanwhile
     * @param newFlowsFailed of those: sent there before the nodes knew
     */
    record BackendRow(
            String name,
            long unusedMs,
            long backMs,
            int downloads,
            int downloadsFailed,
            int otherDownloads,
            int otherDownloadsFailed,
            int newFlows,
            int newFlowsFailed) {
        BackendRow withTimes(long newUnusedMs, long newBackMs) {
            return new BackendRow(
                    name,
                    newUnusedMs,
                    newBackMs,
                    downloads,
                    downloadsFailed,
                    otherDownloads,
                    otherDownloadsFailed,
                    newFlows,
                    newFlowsFailed);
        }

        Map<String, Object> toMap() {
            Map<String, Object> map = new TreeMap<>();
            map.put("event", name);
            map.put("unusedMs", unusedMs);
            map.put("backMs", backMs);
            map.put("downloads", downloads);
            map.put("downloadsFailed", downloadsFailed);
            map.put("otherDownloads", otherDownloads);
            map.put("otherDownloadsFailed", otherDownloadsFailed);
            map.put("newFlows", newFlows);
            map.put("newFlowsFailed", newFlowsFailed);
            return map;
        }
    }

    int requests() {
        return vips.stream().mapToInt(VipRow::requests).sum()
                + backendEvents.stream().mapToInt(BackendRow::otherDownloads).sum()
                + events.stream().mapToInt(EventRow::downloads).sum();
    }

    int failed() {
        return vips.stream().mapToInt(VipRow::failed).sum()
                + backendEvents.stream()
                        .mapToInt(BackendRow::otherDownloadsFailed)
                        .sum()
                + events.stream().mapToInt(EventRow::failed).sum();
    }

    boolean ok() {
        return failed() == 0 && removal.newRequestsToIt() == 0 && survival.broken() == 0;
    }

    Map<String, Object> toMap() {
        Map<String, Object> nodeMaps = new TreeMap<>();
        nodes.forEach((name, counters) -> nodeMaps.put(
                name,
                Map.of(
                        "rxPackets", counters.rxPackets(),
                        "txPackets", counters.txPackets(),
                        "flowsPinned", counters.flowMisses(),
                        "drops", counters.drops(),
                        "backendPackets", counters.backendPackets())));
        Map<String, Object> map = new TreeMap<>();
        map.put("ok", ok());
        map.put("vips", vips.stream().map(VipRow::toMap).toList());
        map.put("nodes", nodeMaps);
        map.put("connections", connections);
        map.put("removal", removal.toMap());
        map.put("backendEvents", backendEvents.stream().map(BackendRow::toMap).toList());
        map.put("events", events.stream().map(EventRow::toMap).toList());
        map.put("survival", survival.toMap());
        return map;
    }
}
