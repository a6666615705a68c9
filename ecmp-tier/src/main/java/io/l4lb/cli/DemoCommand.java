package io.l4lb.cli;

import io.l4lb.demo.Demo;
import io.l4lb.demo.DemoOptions;
import io.l4lb.replay.PcapException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        description = {
            "The main job on real parts, in network namespaces: clients, an ECMP router with BGP, three nodes on DPDK, three"
                    + " nginx backends.",
            "Runs HTTP over IPv4 and IPv6 VIPs in every encapsulation. Under running downloads it removes a backend,"
                    + " kills a backend's nginx, breaks a backend's tunnel, drains a node, cuts its link, freezes,"
                    + " kills and stops one; says for each how long until router or nodes stopped using it, and what"
                    + " failed. Cleans up after itself. Exit code 1 if a request failed that should not have.",
            "Not as root, or where namespaces cannot be made: replays a shipped capture instead."
        })
final class DemoCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Print one JSON document.")
    private boolean json;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException, PcapException {
        Optional<String> reason = Demo.unavailableReason();
        return reason.isPresent()
                ? ReplayDemo.run(reason.get(), json, command.commandLine().getOut())
                : Demo.run(new DemoOptions(json), System.out);
    }
}
