package io.l4lb.node.routing;

import io.l4lb.node.Namespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A BIRD of its own in a namespace, that says by itself how it stands with its sessions. It ends with the namespaces. */
final class BirdProcess {
    private static final String BIRD = "/usr/sbin/bird";
    private static final String ASK = "/usr/sbin/birdc";
    /** Times to a millisecond: a session that was lost and came back within a second has another one. */
    private static final String CONFIGURATION = """
            timeformat protocol iso long ms;
            protocol device { scan time 10; }
            """;

    private final Namespaces namespaces;
    private final String namespace;
    private final Path control;

    private BirdProcess(Namespaces namespaces, String namespace, Path control) {
        this.namespaces = namespaces;
        this.namespace = namespace;
        this.control = control;
    }

    static boolean isInstalled() {
        return Files.isExecutable(Path.of(BIRD)) && Files.isExecutable(Path.of(ASK));
    }

    /** Starts one with a directory of its own, where {@link #control} is. */
    static BirdProcess start(Namespaces namespaces, String namespace, Path directory, String configuration)
            throws IOException {
        Path file = Files.writeString(
                Files.createDirectories(directory).resolve("bird.conf"), CONFIGURATION + configuration);
        Path control = control(directory);
        namespaces.startFirst(
                namespace, BIRD + " -f -c " + file + " -s " + control + " -P " + directory.resolve("bird.pid"));
        return new BirdProcess(namespaces, namespace, control);
    }

    /** {@return where a BIRD of that directory listens for commands} */
    static Path control(Path directory) {
        return directory.resolve("bird.ctl");
    }

    /** {@return the row of a BGP session: state, and since when} Empty while there is no such row. */
    String session(String protocol) throws IOException, InterruptedException {
        return rowWith(ask("show protocols " + protocol), protocol);
    }

    /** {@return the row of a BFD session: state, since when, interval} Empty while there is no such row. */
    String bfd(String neighbour) throws IOException, InterruptedException {
        return rowWith(ask("show bfd sessions"), neighbour);
    }

    private String ask(String question) throws IOException, InterruptedException {
        return Files.exists(control) ? namespaces.inside(namespace, ASK + " -r -s " + control + " " + question) : "";
    }

    private static String rowWith(String answer, String first) {
        List<String> rows = answer.lines()
                .map(line -> String.join(" ", line.strip().split("\\s+")))
                .filter(line -> line.startsWith(first + " "))
                .toList();
        return rows.isEmpty() ? "" : rows.getFirst();
    }
}
