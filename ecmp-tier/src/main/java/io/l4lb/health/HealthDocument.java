package io.l4lb.health;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code status} says of health checks, as maps, lists, strings and numbers in the order to print. */
public final class HealthDocument {
    private static final String UP = "up";

    private HealthDocument() {}

    /** {@return how many checked backends are in which state, and those that are not up with the reason}; any thread */
    public static Map<String, Object> of(List<BackendReport> reports) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("checked", reports.size());
        document.put(
                UP, reports.stream().filter(report -> report.state().equals(UP)).count());
        document.put(
                "notUp",
                reports.stream()
                        .filter(report -> !report.state().equals(UP))
                        .map(HealthDocument::row)
                        .toList());
        return document;
    }

    private static Map<String, Object> row(BackendReport report) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("backend", report.pool() + "/" + report.backend());
        row.put("state", report.state());
        row.put("reason", report.reason());
        return row;
    }
}
