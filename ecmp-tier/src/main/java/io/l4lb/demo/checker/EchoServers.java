package io.l4lb.demo.checker;

import io.l4lb.demo.lab.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A server that labels connections on each backend of a lab, also on one that is in no configuration yet. */
public final class EchoServers {
    /** As {@code lab.sh} has it in the VIPs. */
    static final int L4_PORT = 7007;

    private static final String PROGRAM = "io.l4lb.demo.client.EchoProgram";
    private static final int BACKENDS = 4;
    private static final Duration START_LIMIT = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(50);

    private EchoServers() {}

    /** Starts all of them, which end with the lab; they listen when this returns. */
    public static void start(Lab lab) throws IOException, InterruptedException {
        List<Path> outputs = new ArrayList<>();
        for (int number = 1; number <= BACKENDS; number++) {
            String name = "backend" + number;
            Path output = lab.workDirectory().resolve(name, "echo");
            lab.startProgram(name, output, PROGRAM, name, Integer.toString(L4_PORT));
            outputs.add(output);
        }
        long deadlineNs = System.nanoTime() + START_LIMIT.toNanos();
        for (Path output : outputs) {
            while (Files.size(output) == 0) {
                if (System.nanoTime() - deadlineNs > 0) {
                    throw new IOException("an echo server does not listen; see " + output + ".log");
                }
                Thread.sleep(POLL);
            }
        }
    }
}
