package io.l4lb.cli.control;

import picocli.CommandLine.Command;

@Command(
        name = "drain",
        description = {
            "Has a backend take no new flows while its pinned flows go on; or has the whole node withdraw its VIPs while it goes on",
            "forwarding. Without a section announce nothing is withdrawn: the node only shows as drained, and the answer says so.",
            "Kept across restarts, until undrain."
        },
        footer = {"", "Examples:", "  ./l4lb drain -c lb.yaml web/web1", "  ./l4lb drain -c lb.yaml --node"})
public final class DrainCommand extends DrainChange {
    public DrainCommand() {
        super("/v1/drain");
    }
}
