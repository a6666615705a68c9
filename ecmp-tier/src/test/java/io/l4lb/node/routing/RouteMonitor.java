package io.l4lb.node.routing;

import io.l4lb.node.Namespaces;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the kernel of a namespace has for one destination, and to a millisecond when it had it no longer: {@code ip monitor}
 * writes down the time of each change.
 */
final class RouteMonitor {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final int UNTIL_WRITTEN_MS = 200;

    private final Namespaces namespaces;
    private final String namespace;
    private final String destination;

    RouteMonitor(Namespaces namespaces, String namespace, String destination) {
        this.namespaces = namespaces;
        this.namespace = namespace;
        this.destination = destination;
    }

    /** What makes a route go. */
    @FunctionalInterface
    interface Event {
        void run() throws IOException, InterruptedException;
    }

    /** {@return the route as {@code ip} writes it, or an empty text} */
    String route() throws IOException, InterruptedException {
        return namespaces.inside(
                namespace, "ip " + (destination.contains(":") ? "-6" : "-4") + " route show " + destination);
    }

    /** Waits until the route goes by that neighbour. */
    void awaitVia(String neighbour) throws IOException, InterruptedException {
        await(route -> route.contains("via " + neighbour + " "), "by " + neighbour);
    }

    /** Waits until there is none. */
    void awaitGone() throws IOException, InterruptedException {
        await(String::isBlank, "gone");
    }

    private interface State {
        boolean is(String route);
    }

    private void await(State state, String words) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (!state.is(route() + " ")) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError(destination + " is not " + words + ", but: " + route());
            }
            Thread.sleep(POLL);
        }
    }

    /** {@return how long after the event began the route was gone} */
    Duration untilGone(Event event) throws IOException, InterruptedException {
        Process monitor = namespaces.start(namespace, "ip -o -ts monitor route");
        Thread.sleep(UNTIL_WRITTEN_MS); // until it listens
        Instant since = Instant.now();
        event.run();
        awaitGone();
        Thread.sleep(UNTIL_WRITTEN_MS);
        monitor.toHandle().destroy(); // its own destroy() would close the stream
        String changes = new String(monitor.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Pattern deleted = Pattern.compile("\\[(\\S+)] Deleted " + Pattern.quote(destination) + " .*");
        List<Instant> times = changes.lines()
                .map(deleted::matcher)
                .filter(Matcher::matches)
                .map(line -> LocalDateTime.parse(line.group(1))
                        .atZone(ZoneId.systemDefault())
                        .toInstant())
                .toList();
        if (times.isEmpty()) {
            throw new AssertionError("ip monitor has not seen " + destination + " go: " + changes);
        }
        return Duration.between(since, times.getFirst());
    }
}
