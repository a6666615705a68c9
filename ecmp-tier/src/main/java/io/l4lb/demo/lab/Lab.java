package io.l4lb.demo.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * A lab of {@code vagrant/netns/lab.sh}: client, router, nodes and three nginx backends, in namespaces named after a
 * prefix. {@link #close} removes everything, from any thread and in any state; the rest is for one thread.
 */
public final class Lab implements AutoCloseable {
    private static final Duration BUILD_LIMIT = Duration.ofSeconds(30);
    private static final Duration REMOVE_LIMIT = Duration.ofSeconds(20);

    private final String prefix;
    private final Path workDirectory;
    private final List<Path> configurations = new ArrayList<>();
    private volatile Process script;
    private volatile boolean keepLogs;
    private volatile boolean closed;

    /** Makes nothing yet. */
    public Lab(String prefix) {
        this.prefix = prefix;
        workDirectory = Path.of("/run/l4lb-lab", prefix);
    }

    /** {@return why no lab can be made here, in one line} */
    public static java.util.Optional<String> unavailableReason() {
        return LabRequirements.firstMissing();
    }

    static Path scriptPath() {
        return Path.of(System.getProperty("l4lb.root", ""), "vagrant/netns/lab.sh")
                .toAbsolutePath();
    }

    static Path nativeDirectory() {
        return Path.of(System.getProperty("l4lb.nativeDirectory", "native/target/native"))
                .toAbsolutePath();
    }

    public void up(int nodes) throws IOException, InterruptedException {
        Files.createDirectories(workDirectory);
        runScript(
                "up",
                "--nodes",
                Integer.toString(nodes),
                "--native",
                nativeDirectory().toString());
        for (int number = 1; number <= nodes; number++) {
            configurations.add(workDirectory.resolve("node" + number, "node.yaml"));
        }
    }

    /** The router sends all VIPs to this node. */
    public void steerTo(int nodeNumber) throws IOException, InterruptedException {
        runScript("steer", Integer.toString(nodeNumber));
    }

    /** The router spreads flows over all nodes again. */
    public void steerToAll() throws IOException, InterruptedException {
        runScript("steer", "all");
    }

    /** Starts a node, also one that was killed before: the kernel may still hold its XDP program. */
    public LabNode startNode(int number) throws IOException, InterruptedException {
        String namespace = prefix + "-node" + number;
        run(List.of("ip", "-n", namespace, "link", "set", "dev", "l0", "xdp", "off"), "node" + number + ".xdp.log");
        return LabNode.start("node" + number, enter("node" + number), configurations.get(number - 1));
    }

    /** {@return whether an XDP program is attached to the node's interface} */
    public boolean hasXdpProgram(int nodeNumber) throws IOException, InterruptedException {
        String name = "node" + nodeNumber + ".link.log";
        run(List.of("ip", "-n", prefix + "-node" + nodeNumber, "link", "show", "dev", "l0"), name);
        return Files.readString(workDirectory.resolve(name)).contains("prog/xdp");
    }

    /** Starts requests in the client's namespace, each over its own connection, at most {@code atOnce} at a time. */
    public Transfers request(List<String> urls, int atOnce, Duration limit, String... curlOptions) throws IOException {
        List<String> command = new ArrayList<>(enter("client"));
        command.addAll(Transfers.arguments(atOnce, limit));
        command.addAll(List.of(curlOptions));
        return Transfers.start(command, workDirectory, urls);
    }

    /** {@return the VIPs of the nodes' configuration} */
    public List<LabVip> vips() throws IOException {
        Map<?, ?> configuration = (Map<?, ?>)
                new Load(LoadSettings.builder().build()).loadFromString(Files.readString(configurations.getFirst()));
        return ((List<?>) configuration.get("vips"))
                .stream()
                        .map(vip -> (Map<?, ?>) vip)
                        .map(vip -> new LabVip((String) vip.get("name"), (String) vip.get("address"), (String)
                                vip.get("encapsulation")))
                        .toList();
    }

    /** Takes a backend out of the configurations of all nodes; they read them when they are told to reload. */
    public void removeBackend(String backend) throws IOException {
        for (Path configuration : configurations) {
            List<String> lines = Files.readAllLines(configuration).stream()
                    .filter(line -> !line.contains("{name: " + backend + ","))
                    .toList();
            Path rewritten = configuration.resolveSibling("node.yaml.new");
            Files.write(rewritten, lines);
            Files.move(rewritten, configuration, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    public Path workDirectory() {
        return workDirectory;
    }

    /** {@return the command that removes this lab by hand} */
    public String removeCommand() {
        return scriptPath() + " down --prefix " + prefix;
    }

    /** {@link #close} will leave the logs in {@link #workDirectory}. */
    public void keepLogs() {
        keepLogs = true;
    }

    public boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        Process building = script;
        try {
            if (building != null) {
                building.destroy();
                building.waitFor(REMOVE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            }
            remove();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** In a session of its own, so that another Ctrl-C does not leave half of the lab behind. */
    private void remove() throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("setsid", "-w", scriptPath().toString(), "down", "--prefix", prefix));
        if (keepLogs) {
            command.add("--keep");
        }
        Process down = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!down.waitFor(REMOVE_LIMIT.toMillis(), TimeUnit.MILLISECONDS) || down.exitValue() != 0) {
            throw new IOException("the lab could not be removed; try " + removeCommand());
        }
    }

    private List<String> enter(String namespace) {
        return List.of("ip", "netns", "exec", prefix + "-" + namespace);
    }

    private void runScript(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(scriptPath().toString(), arguments[0], "--prefix", prefix));
        command.addAll(List.of(arguments).subList(1, arguments.length));
        run(command, "lab.log");
    }

    private void run(List<String> command, String logName) throws IOException, InterruptedException {
        Path log = workDirectory.resolve(logName);
        script = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!script.waitFor(BUILD_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
            script.destroy();
            throw new IOException(String.join(" ", command) + " has not ended");
        }
        if (script.exitValue() != 0) {
            throw new IOException(
                    String.join(" ", command) + ": " + Files.readString(log).strip());
        }
    }
}
