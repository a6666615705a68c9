package io.l4lb.demo.lab;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A node of the lab: {@code l4lb run} in a process and a namespace of its own, on the class path of this JVM. */
public final class LabNode {
    private static final String MAIN_CLASS = "io.l4lb.cli.Main";

    /** The lab's tables are small, and two nodes share the machine with the rest of the lab. */
    private static final List<String> NODE_OPTIONS = List.of("node.options", "-Xms64m", "-Xmx512m");

    static final List<String> TOOL_OPTIONS = List.of("tool.options");
    private static final int QUOTED_LINES = 6;
    private static final String ADMIN_SECONDS = "20";
    private static final Duration POLL = Duration.ofMillis(50);

    private final LabProcesses processes;
    private final String name;
    private final List<String> enterNamespace;
    private final Path configuration;
    private final Path log;
    private final Process process;

    private LabNode(
            LabProcesses processes,
            String name,
            List<String> enterNamespace,
            Path configuration,
            Path log,
            Process process) {
        this.processes = processes;
        this.name = name;
        this.enterNamespace = enterNamespace;
        this.configuration = configuration;
        this.log = log;
        this.process = process;
    }

    static LabNode start(LabProcesses processes, String name, List<String> enterNamespace, Path configuration)
            throws IOException {
        Path log = log(configuration);
        Process process = processes.start(
                new ProcessBuilder(command(enterNamespace, NODE_OPTIONS, "run", "-c", configuration.toString()))
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile()));
        return new LabNode(processes, name, enterNamespace, configuration, log, process);
    }

    static Path log(Path configuration) {
        return configuration.resolveSibling("node.log");
    }

    /** As the launcher does it: a node runs with a node's options, a short command with a tool's. */
    private static List<String> command(List<String> enterNamespace, List<String> jvmOptions, String... arguments) {
        return java(enterNamespace, jvmOptions, MAIN_CLASS, arguments);
    }

    /** {@return what runs a class of this class path in a namespace} */
    static List<String> java(
            List<String> enterNamespace, List<String> jvmOptions, String mainClass, String... arguments) {
        Path options = Lab.root().resolve("ecmp-tier/src/main/jvm");
        List<String> command = new ArrayList<>(enterNamespace);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("@" + options.resolve("common.options"));
        command.add("@" + options.resolve(jvmOptions.getFirst()));
        command.addAll(jvmOptions.subList(1, jvmOptions.size()));
        command.add("-Dl4lb.root=" + Lab.root());
        command.add("-Dl4lb.nativeDirectory=" + Lab.nativeDirectory());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(List.of(arguments));
        return command;
    }

    public String name() {
        return name;
    }

    public long processId() {
        return process.pid();
    }

    public Path log() {
        return log;
    }

    public boolean isReady() throws IOException {
        return linesWith("ready") > 0;
    }

    /** Waits until the node forwards; an error that quotes the end of its log if it ends before or takes too long. */
    public void awaitReady(Duration limit) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        while (!isReady()) {
            if (!process.isAlive()) {
                throw new IOException(name + " ended with exit code " + process.exitValue() + ":\n    " + endOfLog());
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IOException(name + " is not ready after " + limit.toSeconds() + " s:\n    " + endOfLog());
            }
            Thread.sleep(POLL);
        }
    }

    /** SIGHUP, and waits until the node says that it has reloaded; {@return false if it did not within the limit}. */
    public boolean reload(Duration limit) throws IOException, InterruptedException {
        long before = reloads();
        askToReload();
        return awaitReloads(before + 1, limit);
    }

    /** SIGHUP, without waiting for what comes of it. */
    public void askToReload() throws IOException, InterruptedException {
        signal("HUP");
    }

    /** {@return how often the node has said that it has reloaded, since its start} */
    public long reloads() throws IOException {
        return linesWith("reloaded");
    }

    /** {@return whether it has said so that often within the limit} */
    public boolean awaitReloads(long count, Duration limit) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        while (reloads() < count) {
            if (System.nanoTime() - deadlineNs > 0) {
                return false;
            }
            Thread.sleep(POLL);
        }
        return true;
    }

    /** SIGTERM; {@return the exit code}. */
    public int stop(Duration limit) throws IOException, InterruptedException {
        process.destroy();
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            throw new IOException(name + " has not ended " + limit.toSeconds() + " s after SIGTERM");
        }
        return process.exitValue();
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGSTOP: nothing of the process runs any more, and nothing ends. */
    public void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** SIGCONT. */
    public void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    /** SIGTERM, without waiting for the end. */
    public void askToStop() {
        process.destroy();
    }

    /** Takes the node out of service, or puts it back, by its admin API as a script of an operator would: answers when done. */
    public void drain(boolean drained) throws IOException, InterruptedException {
        post(drained ? "drain" : "undrain", "{\"node\": true}");
    }

    /** {@return the state of each backend by POOL/NAME: up, down, drained ...} */
    public Map<String, String> backendStates() throws IOException, InterruptedException {
        Map<String, String> states = new TreeMap<>();
        for (Object element : (List<?>) admin("backends").get("backends")) {
            Map<?, ?> backend = (Map<?, ?>) element;
            states.put(backend.get("pool") + "/" + backend.get("backend"), (String) backend.get("state"));
        }
        return states;
    }

    /** {@return by backend's address the path MTU that routers have told of} */
    public Map<String, Integer> loweredPathMtus() throws IOException, InterruptedException {
        Map<String, Integer> lowered = new TreeMap<>();
        for (Object element : (List<?>) admin("backends").get("backends")) {
            Map<?, ?> backend = (Map<?, ?>) element;
            if (backend.get("pathMtu") instanceof Integer mtu) {
                lowered.put((String) backend.get("address"), mtu);
            }
        }
        return lowered;
    }

    /**
     * Waits until the node forwards by the knowledge that all backends are up. Before that, two nodes may choose different backends
     * for the same new flow, and one that changes nodes then breaks.
     */
    public void awaitBackends(Duration limit) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        Map<String, String> states = backendStates();
        while (!states.values().stream().allMatch("up"::equals)) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IOException(
                        name + " does not know all backends as up after " + limit.toSeconds() + " s, but: " + states);
            }
            Thread.sleep(POLL);
            states = backendStates();
        }
        String any = states.keySet().iterator().next();
        post(
                "undrain",
                "{\"backend\": \"" + any + "\"}"); // changes nothing; answered when the workers have the newest table
    }

    /** {@return what the node says of itself} */
    public Map<String, Object> status() throws IOException, InterruptedException {
        return admin("status");
    }

    /** A request that changes something, by the admin API; {@return the node's answer} when it is done. */
    public Map<String, Object> post(String path, String body) throws IOException, InterruptedException {
        return admin(path, "--data", body);
    }

    private Map<String, Object> admin(String path, String... curlOptions) throws IOException, InterruptedException {
        Path answer = configuration.resolveSibling("admin.json");
        List<String> command = new ArrayList<>(List.of("curl", "--silent", "--show-error", "--fail-with-body"));
        command.addAll(List.of("--max-time", ADMIN_SECONDS, "--unix-socket"));
        command.add(configuration.resolveSibling("state/admin.sock").toString());
        command.addAll(List.of(curlOptions));
        command.add("http://node/v1/" + path);
        Process curl = processes.start(
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(answer.toFile()));
        int exitCode = curl.waitFor();
        processes.check();
        String text = Files.readString(answer);
        if (exitCode != 0) {
            throw new IOException(name + " is asked for " + path + ": " + text.strip());
        }
        return JSON.std.mapFrom(text);
    }

    /** {@return the CPU time of the whole process since its start} */
    public Duration cpuTime() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    public NodeCounters counters() throws IOException, InterruptedException {
        Path answer = configuration.resolveSibling("counters.json");
        Process counters = processes.start(new ProcessBuilder(
                        command(enterNamespace, TOOL_OPTIONS, "counters", "-c", configuration.toString(), "--json"))
                .redirectOutput(answer.toFile())
                .redirectError(configuration.resolveSibling("counters.log").toFile()));
        int exitCode = counters.waitFor();
        processes.check();
        if (exitCode != 0) {
            throw new IOException("l4lb counters of " + name + ": "
                    + Files.readString(configuration.resolveSibling("counters.log"))
                            .strip());
        }
        return NodeCounters.parse(Files.readString(answer));
    }

    private void signal(String signal) throws IOException, InterruptedException {
        processes
                .start(new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())))
                .waitFor();
    }

    private long linesWith(String word) throws IOException {
        return Files.readAllLines(log).stream()
                .filter(line -> line.contains(word))
                .count();
    }

    private String endOfLog() throws IOException {
        return endOf(log, QUOTED_LINES);
    }

    static String endOf(Path log, int lineCount) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n    ", lines.subList(Math.max(0, lines.size() - lineCount), lines.size()));
    }
}
