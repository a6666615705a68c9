package io.l4lb.node;

import com.fasterxml.jackson.jr.ob.JSON;
import io.l4lb.config.DataplaneConfig;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The MAC that a backend's packets are sent to: {@code dataplane.nextHop}, or what the kernel's routes and neighbours say
 * at start and at each reload (iproute2). Cold.
 */
final class NextHops implements Function<IpAddress, MacAddress> {
    private static final int ATTEMPTS = 3;

    private final Optional<MacAddress> fixed;
    private final Map<IpAddress, MacAddress> found = new HashMap<>();

    NextHops(DataplaneConfig dataplane) {
        this.fixed = dataplane.nextHop();
    }

    @Override
    public MacAddress apply(IpAddress backend) {
        return fixed.orElseGet(() -> found.computeIfAbsent(backend, NextHops::resolve));
    }

    private static MacAddress resolve(IpAddress backend) {
        Map<String, Object> route = first("route", "get", backend.toString())
                .orElseThrow(() -> unresolved(backend, "the kernel has no route to it"));
        String device = String.valueOf(route.get("dev"));
        String gateway = String.valueOf(route.getOrDefault("gateway", backend.toString()));
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<MacAddress> mac = first("neigh", "show", gateway, "dev", device)
                    .map(neighbour -> String.valueOf(neighbour.get("lladdr")))
                    .flatMap(MacAddress::parse);
            if (mac.isPresent()) {
                return mac.get();
            }
            run(List.of("ping", "-c", "1", "-W", "1", "-I", device, gateway)); // has the kernel resolve it
        }
        throw unresolved(backend, "its gateway " + gateway + " on " + device + " does not answer ARP or ND");
    }

    private static NodeException unresolved(IpAddress backend, String why) {
        return new NodeException("no next hop for backend " + backend + ": " + why
                + "; add the route, or name a MAC address in dataplane.nextHop");
    }

    private static Optional<Map<String, Object>> first(String... ipArguments) {
        List<String> command = new java.util.ArrayList<>(List.of("ip", "-j"));
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
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return output;
        } catch (IOException e) {
            throw new NodeException("cannot run '" + String.join(" ", command) + "': " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NodeException("interrupted while asking the kernel for a next hop", e);
        }
    }
}
