package io.l4lb.health.path;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The kernel's reverse path filter: with 1 it drops packets whose source it would not reach by the interface that they came in
 * by, as the answers to checks via dataplane, which come from a VIP that leads to our tun device.
 */
public final class ReversePath {
    private static final Path CONF = Path.of("/proc/sys/net/ipv4/conf");
    private static final String STRICT = "1";

    private ReversePath() {}

    /** {@return the interfaces, with "all", that are set to 1; the larger of both counts, so a 2 in "all" cures every one} */
    public static List<String> strictInterfaces() {
        if (!Files.isDirectory(CONF) || "2".equals(value(CONF.resolve("all")))) {
            return List.of();
        }
        try (Stream<Path> interfaces = Files.list(CONF)) {
            return interfaces
                    .filter(each -> STRICT.equals(value(each)))
                    .map(each -> each.getFileName().toString())
                    .filter(name -> !name.equals("default") && !name.equals("lo"))
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException _) {
            return List.of(); // an interface vanished meanwhile
        }
    }

    private static String value(Path network) {
        try {
            return Files.readString(network.resolve("rp_filter")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
