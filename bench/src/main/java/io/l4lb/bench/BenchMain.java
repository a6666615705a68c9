package io.l4lb.bench;

import io.l4lb.bench.forward.ForwardBench;
import io.l4lb.bench.fuzz.FuzzBench;
import io.l4lb.bench.growth.GrowthBench;
import io.l4lb.bench.jmh.JmhBench;
import io.l4lb.bench.journal.JournalBench;
import io.l4lb.bench.replicate.ReplicateBench;
import io.l4lb.bench.simulation.SimulateBench;
import io.l4lb.bench.stall.StallBench;
import io.l4lb.bench.warmup.WarmupBench;
import io.l4lb.bench.workers.WorkersBench;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of {@code ./l4lb bench}. */
@Command(
        name = "bench",
        description = "Benchmarks, side by side with their yardsticks.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ForwardBench.class,
            GrowthBench.class,
            WorkersBench.class,
            StallBench.class,
            WarmupBench.class,
            JmhBench.class,
            JournalBench.class,
            ReplicateBench.class,
            MaglevBench.class,
            SimulateBench.class,
            FuzzBench.class,
            CommandLine.HelpCommand.class
        })
public final class BenchMain {
    private BenchMain() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out));
    }

    static int run(String[] arguments, PrintStream out) {
        return new CommandLine(new BenchMain())
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments);
    }
}
