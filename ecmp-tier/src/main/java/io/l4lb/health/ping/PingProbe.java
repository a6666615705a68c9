package io.l4lb.health.ping;

import io.l4lb.health.probe.Deadline;
import io.l4lb.health.probe.Probe;
import io.l4lb.health.probe.Way;
import java.io.IOException;

/** An echo request that is answered. */
public record PingProbe(Pinger pinger) implements Probe {
    @Override
    public String run(Way way, Deadline deadline) throws IOException {
        pinger.ping(way, deadline);
        return "echo reply";
    }
}
