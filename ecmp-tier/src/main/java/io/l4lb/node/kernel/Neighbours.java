package io.l4lb.node.kernel;

import io.l4lb.net.MacAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the kernel knows of the next hops in use: filled from {@code ip neigh}, kept up to date by the lines of
 * {@code ip monitor}. Other neighbours are passed over, however many there are. One thread at a time.
 */
final class Neighbours {
    private static final String PERMANENT = "PERMANENT";
    private static final String FAILED = "FAILED";
    /** In these states the kernel itself would send to the address; RFC 4861, section 7.3.2. */
    private static final Set<String> USABLE = Set.of("REACHABLE", "STALE", "DELAY", "PROBE", PERMANENT);

    private static final String DELETED = "Deleted";

    /**
     * Who is asked for.
     *
     * @param address as iproute2 writes it
     * @param device name of the interface
     */
    record Neighbour(String address, String device) {}

    private final Set<Neighbour> inUse = new HashSet<>();
    private final Set<Neighbour> permanent = new HashSet<>();
    private final Map<Neighbour, MacAddress> known = new HashMap<>();

    Optional<MacAddress> mac(Neighbour neighbour) {
        return Optional.ofNullable(known.get(neighbour));
    }

    /** {@return whether an operator has written the entry; the kernel resolves nothing then} */
    boolean isPermanent(Neighbour neighbour) {
        return permanent.contains(neighbour);
    }

    /** From now on these and no others. */
    void use(Set<Neighbour> neighbours) {
        inUse.clear();
        inUse.addAll(neighbours);
        known.keySet().retainAll(neighbours);
    }

    /** Takes over a dump. Whom it does not have stays known: the kernel forgets those that it sends nothing to. */
    void accept(List<Map<String, Object>> dump) {
        permanent.clear();
        for (Map<String, Object> entry : dump) {
            Neighbour neighbour = new Neighbour(String.valueOf(entry.get("dst")), String.valueOf(entry.get("dev")));
            List<?> states = entry.get("state") instanceof List<?> list ? list : List.of();
            states.forEach(state -> accept(neighbour, String.valueOf(state), String.valueOf(entry.get("lladdr"))));
        }
    }

    /**
     * Takes over one line of {@code ip monitor neigh}, such as {@code 10.0.0.1 dev eth1 lladdr 02:00:00:00:00:01 STALE}.
     * What it cannot read it passes over. {@return the neighbour, if it is in use}
     */
    Optional<Neighbour> accept(String line) {
        List<String> words = List.of(line.strip().split("\\s+"));
        int first = words.getFirst().equals(DELETED) ? 1 : 0;
        int device = words.indexOf("dev") + 1;
        int link = words.indexOf("lladdr") + 1;
        if (device <= first + 1 || device >= words.size() || link >= words.size()) {
            return Optional.empty();
        }
        Neighbour neighbour = new Neighbour(words.get(first), words.get(device));
        accept(neighbour, words.getLast(), link == 0 ? "" : words.get(link));
        return Optional.of(neighbour).filter(inUse::contains);
    }

    private void accept(Neighbour neighbour, String state, String linkAddress) {
        if (!inUse.contains(neighbour)) {
            return;
        }
        if (USABLE.contains(state)) {
            MacAddress.parse(linkAddress).ifPresent(mac -> known.put(neighbour, mac));
        } else if (FAILED.equals(state)) {
            known.remove(neighbour);
        }
        if (PERMANENT.equals(state)) {
            permanent.add(neighbour);
        }
    }
}
