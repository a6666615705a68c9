package io.l4lb.config.quic;

import io.l4lb.cid.ServerId;
import io.l4lb.config.yaml.Setting;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * That the server IDs of a pool's backends are those that the configurations of its VIPs speak of. Each backend has one, so all
 * configurations that are in use at a time have server IDs of one length.
 */
public final class ServerIdCheck {
    private ServerIdCheck() {}

    /**
     * Checks one pool.
     *
     * @param quic of its VIPs
     * @param ids of its backends, given or not
     */
    public static void check(List<Setting<QuicSection>> quic, List<Setting<ServerId>> ids) {
        Setting.refuseRepeats(ids.stream(), "a server ID of its own");
        List<Setting<QuicSection>> given =
                quic.stream().filter(Setting::isGiven).toList();
        if (given.isEmpty()) {
            ids.stream()
                    .filter(Setting::isGiven)
                    .forEach(id -> id.warn("no VIP that uses this pool routes QUIC by connection ID"));
        } else if (ids.stream().noneMatch(Setting::isGiven)) {
            given.getFirst().fault("a pool whose backends have a quicServerId; none of this one's has");
        } else {
            ids.stream()
                    .filter(id -> !id.isGiven())
                    .forEach(id -> id.warn("missing: a QUIC connection to this backend does not survive a change of its"
                            + " client's address"));
            checkLengths(given, ids);
        }
    }

    /** Checks that pools which one VIP has have no ID in common. {@code pools}: the IDs of each one's backends */
    public static void checkAcross(List<List<Setting<ServerId>>> pools) {
        Map<ServerId, Setting<ServerId>> first = new HashMap<>();
        for (List<Setting<ServerId>> pool : pools) {
            pool.forEach(id -> id.value()
                    .map(first::get)
                    .ifPresent(earlier -> id.fault("a server ID that no other pool of a VIP has; " + earlier.key()
                            + " in line " + earlier.line() + " is the same")));
            pool.forEach(id -> id.value().ifPresent(value -> first.putIfAbsent(value, id)));
        }
    }

    /** One fault a backend and length, however many configurations have it. */
    private static void checkLengths(List<Setting<QuicSection>> quic, List<Setting<ServerId>> ids) {
        Set<Integer> seen = new HashSet<>();
        quic.stream()
                .flatMap(setting -> setting.value().stream())
                .flatMap(section -> section.configs().stream())
                .map(QuicSection.SchemeSection::serverIdBytes)
                .filter(length -> length.value().filter(seen::add).isPresent())
                .forEach(length -> ids.forEach(id -> checkLength(length, id)));
    }

    private static void checkLength(Setting<Integer> length, Setting<ServerId> id) {
        if (id.value().filter(found -> found.lengthBytes() != length.get()).isPresent()) {
            id.fault(2 * length.get() + " hex digits, because " + length.key() + " in line " + length.line() + " is "
                    + length.get());
        }
    }
}
