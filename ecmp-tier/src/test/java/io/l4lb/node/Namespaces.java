package io.l4lb.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Two namespaces: a router's and a node's, with one wire, {@code r0} to {@code n0}. What runs in them is ended by
 * {@link #close}, which also takes them away.
 */
public final class Namespaces implements AutoCloseable {
    public static final String NODE_MAC = "02:77:00:00:00:02";
    static final String ROUTER_MAC = "02:77:00:00:00:01";
    private static final int LIMIT_SECONDS = 60;
    private static final String TRAFFIC =
            System.getProperty("l4lb.root") + "/ecmp-tier/src/test/resources/kernel/traffic.py";

    private final String prefix = "kernel-it-" + ProcessHandle.current().pid();
    private final List<Process> processes = new ArrayList<>();

    /** {@return why there can be none, in one line, or an empty text} */
    public static String unavailableReason() throws IOException, InterruptedException {
        for (String tool : List.of("unshare", "ip", "ethtool", "ping", "bpftool", "python3")) {
            if (new ProcessBuilder("sh", "-c", "PATH=$PATH:/usr/sbin command -v " + tool)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    != 0) {
                return tool + " is not installed";
            }
        }
        boolean allowed = new ProcessBuilder("unshare", "-n", "true").start().waitFor() == 0;
        return allowed ? "" : "network namespaces need root";
    }

    public void up() throws IOException, InterruptedException {
        for (String name : List.of(router(), node())) {
            run("ip", "netns", "add", name);
            run("ip", "-n", name, "link", "set", "lo", "up");
        }
        connect();
    }

    /** Lays the wire, without addresses: at first, and when a test has taken it away. */
    void connect() throws IOException, InterruptedException {
        run(("ip link add n0 netns " + node() + " address " + NODE_MAC + " type veth peer name r0 address " + ROUTER_MAC
                        + " netns " + router())
                .split(" ", -1));
        prepare(node(), "n0");
        prepare(router(), "r0");
    }

    /** veth would leave checksums unfilled and segments merged, which nobody behind DPDK repairs. */
    private void prepare(String namespace, String device) throws IOException, InterruptedException {
        run(("ip netns exec " + namespace + " ethtool -K " + device + " tx off rx off tso off gso off gro off")
                .split(" ", -1));
        run(("ip netns exec " + namespace
                        + " sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0")
                .split(" ", -1));
        run("ip", "-n", namespace, "link", "set", device, "up");
    }

    public String router() {
        return prefix + "-r";
    }

    public String node() {
        return prefix + "-n";
    }

    public String prefix() {
        return prefix;
    }

    public List<String> enter(String namespace) {
        return List.of("ip", "netns", "exec", namespace);
    }

    /** Likewise, before everything else on this machine: what has a machine of its own elsewhere, and answers in 150 ms. */
    public List<String> enterFirst(String namespace) {
        return List.of("ip", "netns", "exec", namespace, "nice", "-n", "-10");
    }

    /** Runs a command in a namespace; {@return what it printed, errors too}; fails when it fails. */
    public String inside(String namespace, String command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(enter(namespace));
        all.addAll(List.of(command.split(" ", -1)));
        return run(all.toArray(String[]::new));
    }

    /** Starts a command in a namespace that runs until it ends, or until {@link #close}. */
    public Process start(String namespace, String command) throws IOException {
        return start(enter(namespace), command);
    }

    /** Likewise, before everything else on this machine. */
    public Process startFirst(String namespace, String command) throws IOException {
        return start(enterFirst(namespace), command);
    }

    private Process start(List<String> prefix, String command) throws IOException {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(List.of(command.split(" ", -1)));
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        processes.add(process);
        return process;
    }

    /** Starts {@code traffic.py} in a namespace; its text tells what the arguments are. */
    public Process traffic(String namespace, String arguments) throws IOException {
        return start(namespace, "python3 " + TRAFFIC + " " + arguments);
    }

    /** {@return what a command printed, once it has ended} */
    public static String outputOf(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(process.info().commandLine().orElse("a command") + " failed: " + output);
        }
        return output.strip();
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            return outputOf(process);
        } catch (IOException e) {
            throw new IOException(String.join(" ", command) + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws IOException {
        for (Process process : processes) {
            process.destroyForcibly().onExit().join();
        }
        for (String name : List.of(router(), node())) {
            new ProcessBuilder("ip", "netns", "del", name).start().onExit().join();
        }
    }
}
