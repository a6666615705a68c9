package io.l4lb.node;

import com.fasterxml.jackson.jr.ob.JSON;
import io.l4lb.config.DataplaneConfig;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The MAC that a backend's packets are sent to: {@code dataplane.nextHop}, or what the kernel's routes and neighbours say
 * (iproute2). Asked at start and at each reload, and again a few every second: the kernel's answer may change, and one dead
 * backend must not keep a node from serving the others. Control thread.
 */
final class NextHops implements Function<IpAddress, Optional<MacAddress>> {
    /** Backends asked for anew a call of {@link #refresh}: some 10 ms each. */
    private static final int REFRESHED_AT_ONCE = 8;

    private final Optional<MacAddress> fixed;
    private final Map<IpAddress, Optional<MacAddress>> previous;
    private final Map<IpAddress, Optional<MacAddress>> known = new LinkedHashMap<>();

    NextHops(DataplaneConfig dataplane) {
        this(dataplane, Map.of());
    }

    private NextHops(DataplaneConfig dataplane, Map<IpAddress, Optional<MacAddress>> previous) {
        this.fixed = dataplane.nextHop();
        this.previous = previous;
    }

    /**
     * {@return the next hops under another configuration} What was known stays known: the kernel forgets neighbours that it
     * sends nothing to itself, and a reload must not lose packets over that.
     */
    NextHops under(DataplaneConfig dataplane) {
        return new NextHops(dataplane, Map.copyOf(known));
    }

    @Override
    public Optional<MacAddress> apply(IpAddress backend) {
        return fixed.isPresent() ? fixed : known.computeIfAbsent(backend, this::previousOrResolved);
    }

    private Optional<MacAddress> previousOrResolved(IpAddress backend) {
        return previous.getOrDefault(backend, Optional.empty()).or(() -> resolve(backend));
    }

    /** {@return the backends whose next hop is not known} */
    List<IpAddress> unresolved() {
        return known.entrySet().stream()
                .filter(entry -> entry.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Asks the kernel again for some, those not known first. {@return whether an answer was another than before} */
    boolean refresh() {
        List<IpAddress> turn = new ArrayList<>(unresolved());
        known.keySet().stream().filter(backend -> !turn.contains(backend)).forEach(turn::add);
        boolean changed = false;
        for (IpAddress backend : turn.subList(0, Math.min(REFRESHED_AT_ONCE, turn.size()))) {
            Optional<MacAddress> before = known.remove(backend);
            Optional<MacAddress> now = resolve(backend);
            // an entry that the kernel has dropped for want of use is no news
            Optional<MacAddress> kept = now.isPresent() ? now : before;
            known.put(backend, kept); // behind the others: its turn comes round
            changed |= !kept.equals(before);
        }
        return changed;
    }

    private static Optional<MacAddress> resolve(IpAddress backend) {
        Optional<Map<String, Object>> route = first("route", "get", backend.toString());
        if (route.isEmpty()) {
            return Optional.empty();
        }
        String device = String.valueOf(route.get().get("dev"));
        String gateway = String.valueOf(route.get().getOrDefault("gateway", backend.toString()));
        Optional<MacAddress> mac = first("neigh", "show", gateway, "dev", device)
                .map(neighbour -> String.valueOf(neighbour.get("lladdr")))
                .flatMap(MacAddress::parse);
        if (mac.isEmpty()) {
            start(List.of("ping", "-c", "1", "-W", "1", "-I", device, gateway)); // has the kernel find out, meanwhile
        }
        return mac;
    }

    private static Optional<Map<String, Object>> first(String... ipArguments) {
        List<String> command = new ArrayList<>(List.of("ip", "-j"));
        command.addAll(List.of(ipArguments));
        String output = run(command);
        if (output.isBlank()) {
            return Optional.empty();
        }
        try {
            return JSON.std.listOfFrom(Object.class, output).stream()
                    .map(NextHops::asMap)
                    .filter(fields -> !fields.isEmpty())
                    .findFirst();
        } catch (IOException e) {
            throw new NodeException("cannot read what '" + String.join(" ", command) + "' printed: " + output, e);
        }
    }

    private static Map<String, Object> asMap(Object element) {
        Map<String, Object> fields = new HashMap<>();
        if (element instanceof Map<?, ?> map) {
            map.forEach((key, value) -> fields.put(String.valueOf(key), value));
        }
        return fields;
    }

    private static String run(List<String> command) {
        try {
            Process process = start(command);
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new NodeException("cannot run '" + String.join(" ", command) + "': " + e.getMessage(), e);
        }
    }

    private static Process start(List<String> command) {
        try {
            return new ProcessBuilder(command)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new NodeException("cannot run '" + String.join(" ", command) + "': " + e.getMessage(), e);
        }
    }
}
