package io.l4lb.cli;

import io.l4lb.cli.usage.ConfigOption;
import io.l4lb.cli.usage.ExitCode;
import io.l4lb.cli.usage.WrongUseException;
import io.l4lb.config.L4lbConfig;
import io.l4lb.node.Node;
import io.l4lb.node.NodeException;
import io.l4lb.node.Signals;
import java.io.PrintWriter;
import java.time.Duration;
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
            "Runs a node until SIGTERM or SIGINT, which stop it in order (exit code 0): VIPs are withdrawn first, then it"
                    + " forwards for announce.drainSeconds more; a second signal stops it at once.",
            "Prints one line with \"ready\" on standard output when it forwards at full speed: its code is compiled, on"
                    + " synthetic packets, before its devices receive.",
            "SIGHUP reads the configuration again, as ./l4lb reload does, without losing a packet. Takes what has changed in:"
                    + " vips, pools, backends, weights, healthCheck, slowStartSeconds, whenAllDown, outerSource, nextHop,"
                    + " announce, replication, node.watch. Needs a restart, is refused and named: node.id, stateDirectory,"
                    + " the rest of dataplane, announce's interface, kernelTable, stallMs and daemon, replication's flows and"
                    + " diskBytes; a section announce or replication that comes or goes. A file that is faulty or refused changes"
                    + " nothing, and the log says why. With node.watch: true a change of the file is enough.",
            "status, vips, backends, flows, drain, undrain, weight and reload talk to the running node."
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
        try (Node node = new Node(loaded, config.file())) {
            out().println("ready: " + node.description());
            serve(node, Long.MAX_VALUE);
            Duration drain = node.withdraw();
            out().println("stopping: node " + loaded.node().id()
                    + (drain.isZero() ? "" : ", VIPs withdrawn; forwards for " + drain.toSeconds() + " s more"));
            serve(node, drain.toMillis());
        } catch (NodeException e) {
            command.commandLine().getErr().println(e.getMessage());
            return ExitCode.FAILED;
        }
        return ExitCode.DONE;
    }

    private PrintWriter out() {
        return command.commandLine().getOut();
    }

    /** Until told to stop; a second time, that cuts the draining short. */
    private void serve(Node node, long limitMs) throws InterruptedException {
        for (long leftMs = limitMs; leftMs > 0; leftMs -= TICK_MS) {
            Order order = orders.poll(TICK_MS, TimeUnit.MILLISECONDS);
            if (order == Order.STOP) {
                return;
            }
            if (order == Order.RELOAD) {
                node.reload();
            }
            node.tick();
        }
    }
}
