package io.l4lb.health.probe;

import java.io.IOException;

/** A connection that is accepted. */
public record TcpProbe(int l4Port) implements Probe {
    @Override
    public String run(Way way, Deadline deadline) throws IOException {
        try (ProbeSocket _ = ProbeSocket.connect(way, l4Port, deadline)) {
            return "connected";
        }
    }
}
