package io.l4lb.cli;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.check.ConfigResult;
import io.l4lb.node.Node;
import io.l4lb.node.NodeException;
import io.l4lb.node.Signals;
import java.io.PrintWriter;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "run",
        description = {
            "Runs a node until SIGTERM or SIGINT, which stop it in order (exit code 0).",
            "Prints one line with \"ready\" on standard output when it forwards. SIGHUP reads the configuration again: VIPs,"
                    + " pools, backends, weights, outerSource and nextHop change without losing a packet; a faulty file"
                    + " changes nothing and is reported."
        })
final class RunCommand implements Callable<Integer> {
    private static final int TICK_MS = 100;

    private enum Order {
        STOP,
        RELOAD
    }

    @Mixin
    private ConfigOption config;

    @Spec
    private CommandSpec command;

    private final BlockingQueue<Order> orders = new LinkedBlockingQueue<>();

    @Override
    public Integer call() throws InterruptedException {
        L4lbConfig loaded =
                config.load(warning -> command.commandLine().getErr().println("warning: " + warning));
        if (loaded.dataplane().ethPorts().isEmpty()) {
            throw new WrongUseException(
                    config.file() + ": dataplane.ethPorts: missing: a node needs at least one device to run on");
        }
        Signals.on("TERM", () -> orders.add(Order.STOP));
        Signals.on("INT", () -> orders.add(Order.STOP));
        Signals.on("HUP", () -> orders.add(Order.RELOAD));
        try (Node node = new Node(loaded)) {
            out().println("ready: " + node.description());
            serve(node);
            out().println("stopping: node " + loaded.node().id());
        } catch (NodeException e) {
            command.commandLine().getErr().println(e.getMessage());
            return ExitCode.FAILED;
        }
        return ExitCode.DONE;
    }

    private PrintWriter out() {
        return command.commandLine().getOut();
    }

    private void serve(Node node) throws InterruptedException {
        while (true) {
            Order order = orders.poll(TICK_MS, TimeUnit.MILLISECONDS);
            if (order == Order.STOP) {
                return;
            }
            if (order == Order.RELOAD) {
                reload(node);
            }
            node.tick();
        }
    }

    private void reload(Node node) {
        switch (config.read()) {
            case ConfigResult.Rejected rejected -> {
                rejected.faults().forEach(command.commandLine().getErr()::println);
                command.commandLine().getErr().println("reload refused: the configuration has faults; nothing changed");
            }
            case ConfigResult.Loaded next -> apply(node, next.config());
        }
    }

    private void apply(Node node, L4lbConfig next) {
        long startNs = System.nanoTime();
        try {
            node.reload(next);
            out().printf("reloaded: %s in %.1f ms%n", config.file(), (System.nanoTime() - startNs) / 1e6);
        } catch (RuntimeException e) {
            command.commandLine().getErr().println("reload refused: " + e.getMessage());
        }
    }
}
