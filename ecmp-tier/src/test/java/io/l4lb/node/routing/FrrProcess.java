package io.l4lb.node.routing;

import io.l4lb.node.Namespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.stream.Stream;

/**
 * FRR's zebra, bfdd and bgpd in a namespace, under a name of their own. They run as user frr, so their files are where FRR wants
 * them, and are taken away by {@link #close}.
 */
final class FrrProcess implements AutoCloseable {
    private static final Path PROGRAMS = Path.of("/usr/lib/frr");
    private static final Path RUN = Path.of("/var/run/frr");
    private static final List<String> DAEMONS = List.of("zebra", "bfdd", "bgpd");

    private final Path directory;

    private FrrProcess(Path directory) {
        this.directory = directory;
    }

    static boolean isInstalled() {
        return DAEMONS.stream().allMatch(daemon -> Files.isExecutable(PROGRAMS.resolve(daemon)));
    }

    /** Starts them; they end with the namespaces. */
    static FrrProcess start(Namespaces namespaces, String namespace, String configuration)
            throws IOException, InterruptedException {
        String name = namespaces.prefix();
        FrrProcess frr = new FrrProcess(Files.createDirectories(RUN.resolve(name)));
        Path file = Files.writeString(frr.directory.resolve("frr.conf"), configuration);
        UserPrincipal owner =
                file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("frr");
        Files.setOwner(file, owner);
        Files.setOwner(frr.directory, owner);
        for (String daemon : DAEMONS) {
            namespaces.startFirst(
                    namespace,
                    PROGRAMS.resolve(daemon) + " -N " + name + " -f " + file + " -i "
                            + frr.directory.resolve(daemon + ".pid") + " -A 127.0.0.1");
            for (int i = 0; i < 200 && Files.notExists(frr.directory.resolve(daemon + ".vty")); i++) {
                Thread.sleep(50); // each needs the one before
            }
        }
        return frr;
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(directory);
    }
}
