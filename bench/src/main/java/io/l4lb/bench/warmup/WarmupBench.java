package io.l4lb.bench.warmup;

import io.l4lb.bench.contender.ContenderException;
import io.l4lb.bench.contender.EalOptions;
import io.l4lb.bench.contender.FlowCapture;
import io.l4lb.bench.measure.Machine;
import io.l4lb.bench.shape.Mode;
import io.l4lb.bench.shape.Shape;
import io.l4lb.bench.shape.Source;
import io.l4lb.net.Encapsulation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Time to ready, and the first packets beside the steady state: {@code ./l4lb bench warmup}. */
@Command(
        name = "warmup",
        mixinStandardHelpOptions = true,
        description = {
            "Time from './l4lb run' to ready, by phases; and CPU time per packet of a fresh node's first packets beside its"
                    + " steady state, with warm-up and without, in turns. Each round is a JVM of its own."
        })
public final class WarmupBench implements Callable<Integer> {
    private static final int HEADROOM_AND_FRAME_BYTES = 256;
    private static final int BURST = 32;
    private static final int SPARE_MBUFS = 16_384;
    private static final int BUCKET_BITS_MIN = 16;
    private static final int MBUF_OVERHEAD_BYTES = 256;
    private static final int OTHER_MEGABYTES = 96;

    @Option(names = "--rounds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int rounds = 5;

    @Option(names = "--starts", paramLabel = "N", description = "Starts of a whole node (default: ${DEFAULT-VALUE}).")
    private int starts = 3;

    @Option(names = "--flows", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int flows = 1000;

    @Option(names = "--ipv6", description = "Clients, VIPs and backends are IPv6.")
    private boolean ipv6;

    @Option(names = "--encapsulation", description = "ipip or gue (default: ipip).")
    private Encapsulation encapsulation = Encapsulation.IPIP;

    @Option(
            names = "--settle",
            paramLabel = "S",
            description = "From the first packets to the steady state (default: ${DEFAULT-VALUE}).")
    private double settleSeconds = 4;

    @Option(names = "--seconds", paramLabel = "S", description = "Of steady state (default: ${DEFAULT-VALUE}).")
    private double seconds = 1;

    @Option(names = "--limit", paramLabel = "S", description = "Of a warm-up (default: ${DEFAULT-VALUE}).")
    private int limitSeconds = 10;

    @Option(names = "--lcore", paramLabel = "CPU", description = "Default: the last CPU.")
    private int lcore = Runtime.getRuntime().availableProcessors() - 1;

    @Option(names = "--jvm-option", paramLabel = "OPTION", description = "For the measured JVM; may be repeated.")
    private List<String> jvmOptions = List.of();

    @Option(names = "--json", paramLabel = "FILE", description = "Every round.")
    private Path json;

    @Spec
    private CommandSpec command;

    private final Path root = Path.of(System.getProperty("l4lb.root", "."));

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter err = command.commandLine().getErr();
        refuseWrongUse();
        try {
            List<NodeStart> nodeStarts = new ArrayList<>();
            for (int i = 0; i < starts; i++) {
                nodeStarts.add(NodeStart.measure(root));
                err.printf(
                        Locale.ROOT,
                        "start %d/%d: %.0f ms%n",
                        i + 1,
                        starts,
                        nodeStarts.getLast().readyMs());
            }
            List<FirstPacketsResult> warm = new ArrayList<>();
            List<FirstPacketsResult> cold = new ArrayList<>();
            for (int i = 0; i < rounds; i++) {
                warm.add(measure(limitSeconds));
                cold.add(measure(0));
                err.printf(
                        Locale.ROOT,
                        "round %d/%d: first packets %.2f times the steady state with warm-up, %.2f without%n",
                        i + 1,
                        rounds,
                        warm.getLast().ratio(),
                        cold.getLast().ratio());
            }
            report(new WarmupReport(what(), nodeStarts, warm, cold));
        } catch (ContenderException e) {
            err.println("bench: " + e.getMessage());
            return 1;
        }
        return 0;
    }

    private void refuseWrongUse() {
        if (encapsulation != Encapsulation.IPIP && encapsulation != Encapsulation.GUE) {
            throw wrong("--encapsulation is ipip or gue, not " + encapsulation.label());
        }
        if (starts < 0 || rounds < 0 || starts + rounds == 0) {
            throw wrong("--starts and --rounds are 0 or more, and not both 0");
        }
        if (flows < 1 || seconds <= 0 || settleSeconds < 0 || limitSeconds < 1) {
            throw wrong("--flows, --seconds and --limit are more than 0, --settle 0 or more");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(command.commandLine(), message);
    }

    private void report(WarmupReport report) throws IOException {
        Map<String, String> facts = Machine.facts(root, report.dpdkVersion(), jvmOptions);
        facts.put("lcores", "[" + lcore + "]");
        report.print(command.commandLine().getOut(), facts);
        if (json != null) {
            report.write(json, facts);
        }
    }

    private String what() {
        return "%s/%s, %,d flows".formatted(ipv6 ? "ipv6" : "ipv4", encapsulation.label(), flows);
    }

    private FirstPacketsResult measure(int limit) throws IOException {
        Path capture = FlowCapture.of(root.resolve("bench/target/flows"), flows, ipv6, 1, 0);
        int mbufs = flows + SPARE_MBUFS;
        int megabytes =
                (int) (((long) mbufs * (HEADROOM_AND_FRAME_BYTES + MBUF_OVERHEAD_BYTES)) >> 20) + OTHER_MEGABYTES;
        Shape shape = new Shape(
                Mode.LB,
                ipv6,
                encapsulation,
                Shape.bucketBits(flows, BUCKET_BITS_MIN),
                1,
                100,
                1,
                new Source(flows, 1, BURST, mbufs, HEADROOM_AND_FRAME_BYTES));
        return FirstPacketsResult.measure(
                new FirstPacketsResult.Order(limit, settleSeconds, seconds, jvmOptions),
                new EalOptions(List.of(lcore), false, megabytes, capture),
                shape,
                command.commandLine().getErr()::println);
    }
}
