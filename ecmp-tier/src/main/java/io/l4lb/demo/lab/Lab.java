package io.l4lb.demo.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * A lab of {@code vagrant/netns/lab.sh}: client, router, nodes and backends with nginx, in namespaces named after a
 * prefix; three backends are in the nodes' configurations, a fourth is there to be added. {@link #close} removes everything, from any thread and in any state; the rest is for one thread, and fails
 * once closing has begun.
 */
public final class Lab implements AutoCloseable {
    private static final Duration BUILD_LIMIT = Duration.ofSeconds(30);
    private static final Duration REMOVE_LIMIT = Duration.ofSeconds(20);
    private static final int QUOTED_LINES = 30;
    private static final Integer HTTP_L4_PORT = 80;
    private static final List<String> PROGRAM_OPTIONS = List.of("tool.options", "-Xmx64m");

    private final String prefix;
    private final Path workDirectory;

    /** Of the nodes, in order, with the text that the script wrote. */
    private final Map<Path, String> configurations = new LinkedHashMap<>();

    private final LabProcesses processes = new LabProcesses();
    private volatile boolean keepLogs;

    /** Makes nothing yet. */
    public Lab(String prefix) {
        this.prefix = prefix;
        workDirectory = Path.of("/run/l4lb-lab", prefix);
    }

    /** {@return why no lab can be made here, in one line} */
    public static Optional<String> unavailableReason() {
        return LabRequirements.firstMissing();
    }

    static Path scriptPath() {
        return root().resolve("vagrant/netns/lab.sh");
    }

    /** {@return the repository, as the launcher says} */
    static Path root() {
        return Path.of(System.getProperty("l4lb.root", "")).toAbsolutePath();
    }

    static Path nativeDirectory() {
        return Path.of(System.getProperty("l4lb.nativeDirectory", "native/target/native"))
                .toAbsolutePath();
    }

    /** The router knows all nodes by static routes. */
    public void up(int nodes) throws IOException, InterruptedException {
        up(nodes, "static", true);
    }

    /** The router knows VIPs from the nodes that announce them; {@return what it uses}. */
    public RouterRoutes upWithBgp(int nodes) throws IOException, InterruptedException {
        return upWithBgp(nodes, true);
    }

    /** The same, with or without replication between the nodes. */
    public RouterRoutes upWithBgp(int nodes, boolean replication) throws IOException, InterruptedException {
        up(nodes, "bgp", replication);
        return RouterRoutes.follow(processes, enter("router"), workDirectory, vips().size());
    }

    private void up(int nodes, String routing, boolean replication) throws IOException, InterruptedException {
        processes.whileOpen(() -> Files.createDirectories(workDirectory));
        runScript(
                "up",
                "--nodes",
                Integer.toString(nodes),
                "--routing",
                routing,
                "--replication",
                replication ? "on" : "off",
                "--native",
                nativeDirectory().toString());
        for (int number = 1; number <= nodes; number++) {
            Path configuration = configuration(number);
            configurations.put(configuration, Files.readString(configuration));
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

    /** The node's link carries nothing from now on, and neither end can see it. */
    public void cutLink(int nodeNumber) throws IOException, InterruptedException {
        runScript("link", Integer.toString(nodeNumber), "cut");
    }

    public void mendLink(int nodeNumber) throws IOException, InterruptedException {
        runScript("link", Integer.toString(nodeNumber), "mend");
    }

    /** SIGKILL: the backend's kernel ends its connections and refuses new ones. */
    public void killNginx(int backend) throws IOException, InterruptedException {
        runScript("nginx", Integer.toString(backend), "kill");
    }

    public void startNginx(int backend) throws IOException, InterruptedException {
        runScript("nginx", Integer.toString(backend), "start");
    }

    /** The backend understands no tunnel any more; whoever asks its own address sees nothing of it. */
    public void breakTunnel(int backend) throws IOException, InterruptedException {
        runScript("tunnel", Integer.toString(backend), "break");
    }

    public void mendTunnel(int backend) throws IOException, InterruptedException {
        runScript(
                "tunnel",
                Integer.toString(backend),
                "mend",
                "--native",
                nativeDirectory().toString());
    }

    /** Starts a node, also one that was killed before: it takes off itself what that has left. */
    public LabNode startNode(int number) throws IOException {
        return LabNode.start(processes, "node" + number, enter("node" + number), configuration(number));
    }

    /** {@return whether an XDP program is attached to the node's interface} */
    public boolean hasXdpProgram(int nodeNumber) throws IOException, InterruptedException {
        return run(List.of("ip", "-n", prefix + "-node" + nodeNumber, "link", "show", "dev", "l0"))
                .contains("prog/xdp");
    }

    /** Starts requests in the client's namespace, each over its own connection, at most {@code atOnce} at a time. */
    public Transfers request(List<String> urls, int atOnce, Duration limit, String... curlOptions) throws IOException {
        List<String> command = new ArrayList<>(enter("client"));
        command.addAll(Transfers.arguments(atOnce, limit));
        command.addAll(List.of(curlOptions));
        return Transfers.start(processes, command, workDirectory, urls);
    }

    /** Opens new connections to all VIPs in turn from the client's namespace, so many a second, until they are stopped. */
    public Knocks knock(int perSecond) throws IOException {
        List<String> addresses = vips().stream().map(LabVip::address).toList();
        return Knocks.start(processes, enter("client"), workDirectory, perSecond, addresses);
    }

    /**
     * Starts a program of this class path, with a small heap, in one of the lab's namespaces.
     *
     * @param namespace {@code client}, {@code router}, {@code node1}, {@code backend1} ...
     * @param output takes what it prints; what it complains of is beside it, in a file that ends in {@code .log}
     */
    public Process startProgram(String namespace, Path output, String mainClass, String... arguments)
            throws IOException {
        List<String> command = LabNode.java(enter(namespace), PROGRAM_OPTIONS, mainClass, arguments);
        Path log = output.resolveSibling(output.getFileName() + ".log");
        return processes.start(
                new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(log.toFile()));
    }

    /** {@return what a command says in one of the lab's namespaces} */
    public String runIn(String namespace, String... command) throws IOException, InterruptedException {
        List<String> entered = new ArrayList<>(enter(namespace));
        entered.addAll(List.of(command));
        return run(entered);
    }

    /** {@return the VIPs of the nodes' configuration that nginx answers; the same addresses have one for labelled connections} */
    public List<LabVip> vips() throws IOException {
        String text = Files.readString(configuration(1));
        Map<?, ?> configuration = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(text);
        return ((List<?>) configuration.get("vips"))
                .stream()
                        .map(vip -> (Map<?, ?>) vip)
                        .filter(vip -> HTTP_L4_PORT.equals(vip.get("l4Port")))
                        .map(LabVip::of)
                        .toList();
    }

    private Path configuration(int nodeNumber) {
        return workDirectory.resolve("node" + nodeNumber, "node.yaml");
    }

    /** Takes a backend out of the configurations of all nodes; they read them when they are told to reload. */
    public void removeBackend(String backend) throws IOException {
        configureAll(text -> text.lines()
                .filter(line -> !line.contains("{name: " + backend + ","))
                .collect(Collectors.joining("\n", "", "\n")));
    }

    /** The configurations of all nodes are again what they were at the start. */
    public void restoreBackends() throws IOException {
        configureAll(UnaryOperator.identity());
    }

    /** Changes what counts as written by the script from now on; before the nodes start. */
    public void configureFromTheStart(UnaryOperator<String> change) throws IOException {
        configurations.replaceAll((_, text) -> change.apply(text));
        restoreBackends();
    }

    /** The configurations of all nodes change; they read them when they are told to reload. */
    public void configureAll(UnaryOperator<String> change) throws IOException {
        for (int number = 1; number <= configurations.size(); number++) {
            configure(number, change);
        }
    }

    /** Rewrites a node's configuration: {@code change} is applied to what the script wrote, not to what it is now. */
    public void configure(int nodeNumber, UnaryOperator<String> change) throws IOException {
        Path configuration = configuration(nodeNumber);
        rewrite(configuration, change.apply(configurations.get(configuration)));
    }

    /** A node that reads meanwhile sees the old text or the new one, never a part. */
    private void rewrite(Path configuration, String text) throws IOException {
        Path rewritten = configuration.resolveSibling("node.yaml.new");
        processes.whileOpen(() -> {
            Files.writeString(rewritten, text);
            return Files.move(
                    rewritten, configuration, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        });
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

    /** {@return the last lines of each node's log, for who has to find out why something failed} */
    public String endOfLogs() throws IOException {
        StringBuilder ends = new StringBuilder();
        for (int number = 1; Files.isReadable(LabNode.log(configuration(number))); number++) {
            Path log = LabNode.log(configuration(number));
            ends.append("\n  the end of ").append(log).append(":\n    ").append(LabNode.endOf(log, QUOTED_LINES));
        }
        return ends.toString();
    }

    /** {@return whether closing has begun: what fails from then on fails because of it} */
    public boolean isClosed() {
        return processes.isClosed();
    }

    /** {@return whether closing has begun within the limit} */
    public boolean closesWithin(Duration limit) {
        return processes.closesWithin(limit);
    }

    /** Ends what runs, then removes the rest; a second caller waits for the first. */
    @Override
    public synchronized void close() {
        if (isClosed()) {
            return;
        }
        try {
            processes.close();
            remove();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
        Process down = LabRequirements.withTools(new ProcessBuilder(command))
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
        run(command);
    }

    /** {@return what the command said}; not in the work directory, which the script removes when it fails. */
    private String run(List<String> command) throws IOException, InterruptedException {
        Path said = Files.createTempFile("l4lb-lab", ".log");
        try {
            Process script = processes.start(
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()));
            if (!script.waitFor(BUILD_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                script.destroy();
                throw new IOException(String.join(" ", command) + " has not ended");
            }
            processes.check();
            if (script.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": "
                        + Files.readString(said).strip());
            }
            return Files.readString(said);
        } finally {
            Files.delete(said);
        }
    }
}
