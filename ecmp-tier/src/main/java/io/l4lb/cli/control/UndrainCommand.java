package io.l4lb.cli.control;

import picocli.CommandLine.Command;

@Command(
        name = "undrain",
        description = {
            "Takes a drained backend, or the drained node, back. A backend of a pool with slowStartSeconds is given its weight step by",
            "step."
        },
        footer = {"", "Examples:", "  ./l4lb undrain -c lb.yaml web/web1", "  ./l4lb undrain -c lb.yaml --node"})
public final class UndrainCommand extends DrainChange {
    public UndrainCommand() {
        super("/v1/undrain");
    }
}
