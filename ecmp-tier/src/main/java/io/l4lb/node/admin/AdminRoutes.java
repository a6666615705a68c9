package io.l4lb.node.admin;

import io.l4lb.config.BackendConfig;
import io.l4lb.node.control.BackendKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Which request does what. Any thread. */
public final class AdminRoutes {
    private final AdminDocuments documents;
    private final FlowInspector flows;
    private final NodeControl control;
    private final Reloader reloader;
    private final List<StatusSection> sections;

    /** @param sections what other parts of the node add to {@code status}, in that order */
    public AdminRoutes(
            AdminDocuments documents,
            FlowInspector flows,
            NodeControl control,
            Reloader reloader,
            List<StatusSection> sections) {
        this.documents = documents;
        this.flows = flows;
        this.control = control;
        this.reloader = reloader;
        this.sections = List.copyOf(sections);
    }

    Map<String, Object> answer(AdminRequest request) {
        return switch (request.method() + " " + request.path()) {
            case "GET /v1/status" -> status();
            case "GET /v1/vips" -> documents.vips();
            case "GET /v1/backends" -> documents.backends();
            case "GET /v1/flows" -> flows.count();
            case "POST /v1/flows/lookup" -> flows.lookUp(request.text("flow").orElseThrow(() -> missing("flow")));
            case "POST /v1/drain" -> drain(request, true);
            case "POST /v1/undrain" -> drain(request, false);
            case "POST /v1/weight" -> control.weight(backend(request), weight(request));
            case "POST /v1/reload" -> reloader.reload();
            default ->
                throw new AdminException(
                        AdminException.NOT_FOUND, "no " + request.method() + " " + request.path() + " here");
        };
    }

    private Map<String, Object> status() {
        Map<String, Object> document = documents.node();
        document.put("configuration", reloader.file().toString());
        if (!reloader.last().isEmpty()) {
            document.put("lastReload", reloader.last());
        }
        Map<String, Object> added = new LinkedHashMap<>();
        for (StatusSection section : sections) {
            added.put(section.name(), section.status());
        }
        document.put("sections", added);
        return document;
    }

    private Map<String, Object> drain(AdminRequest request, boolean drained) {
        return Boolean.TRUE.equals(request.body().get("node"))
                ? control.drainNode(drained)
                : control.drain(backend(request), drained);
    }

    private static BackendKey backend(AdminRequest request) {
        String text = request.text("backend").orElseThrow(() -> missing("backend"));
        return BackendKey.parse(text)
                .orElseThrow(() ->
                        new AdminException(AdminException.WRONG_USE, "backend: " + text + ": expected POOL/NAME"));
    }

    private static OptionalInt weight(AdminRequest request) {
        Object value = request.body().get("weight");
        if (value == null) {
            return OptionalInt.empty();
        }
        if (value instanceof Integer weight && weight >= 0 && weight <= BackendConfig.MAX_WEIGHT) {
            return OptionalInt.of(weight);
        }
        throw new AdminException(
                AdminException.WRONG_USE,
                "weight: " + value + ": expected an integer from 0 to " + BackendConfig.MAX_WEIGHT);
    }

    private static AdminException missing(String key) {
        return new AdminException(AdminException.WRONG_USE, key + ": missing");
    }
}
