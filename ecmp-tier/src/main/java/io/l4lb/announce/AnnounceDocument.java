package io.l4lb.announce;

import io.l4lb.announce.bird.BirdStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code status} says of announcements, as maps, lists, strings, numbers and booleans in the order to print. */
public final class AnnounceDocument {
    private AnnounceDocument() {}

    /** Any thread; does not wait for the daemon. */
    public static Map<String, Object> of(Announcing announcing) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put(
                "vips", announcing.vips().stream().map(AnnounceDocument::of).toList());
        document.put("watchdog", announcing.watchdog());
        announcing.daemon().ifPresent(bird -> document.put("bird", of(bird)));
        return document;
    }

    private static Map<String, Object> of(VipStatus vip) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("vip", vip.vip());
        row.put("address", vip.address());
        row.put("announced", vip.announced());
        row.put("reason", vip.reason().orElse(""));
        return row;
    }

    static Map<String, Object> of(BirdStatus bird) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("version", bird.version());
        document.put("problem", bird.problem());
        List<Map<String, Object>> sessions =
                bird.sessions().stream().map(AnnounceDocument::of).toList();
        document.put("sessions", sessions);
        return document;
    }

    private static Map<String, Object> of(BirdStatus.Session told) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("neighbour", told.neighbour());
        row.put("as", told.as());
        row.put("state", told.state());
        row.put("since", told.since());
        row.put("bfd", told.bfd());
        return row;
    }
}
