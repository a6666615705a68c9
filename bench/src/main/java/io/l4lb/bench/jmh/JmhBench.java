package io.l4lb.bench.jmh;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The stages one by one: {@code ./l4lb bench jmh}. */
@Command(
        name = "jmh",
        mixinStandardHelpOptions = true,
        description = {
            "JMH: nanoseconds a packet of each stage, on a burst in L1 without a driver; of the whole pass; of reading QUIC connection IDs; of what is no plain flow's packet; of looking up in an access list; of building a Maglev"
                    + " table and looking up in it."
        })
public final class JmhBench implements Callable<Integer> {
    private static final String PACKAGE = JmhBench.class.getPackageName().replace(".", "\\.");

    @Parameters(
            arity = "0..1",
            paramLabel = "PATTERN",
            defaultValue = "",
            description =
                    "Regular expression: benchmarks whose class and method contain it, such as StageBenchmark.pin.")
    private String pattern = "";

    @Option(
            names = "--param",
            paramLabel = "NAME=VALUES",
            description =
                    "family=ipv4,ipv6; encapsulation=ipip,gue; cid=plaintext,one-pass,…; path=echo,too_big,…; prefixes=N,…; backends=N,…; slots=PRIME,…; may be repeated.")
    private Map<String, String> parameters = new LinkedHashMap<>();

    @Option(
            names = "--forks",
            paramLabel = "N",
            description = "JVMs, one after the other; 0: in this one (default: 2).")
    private int forks = 2;

    @Option(names = "--iterations", paramLabel = "N", description = "Of warm-up, and as many measured (default: 5).")
    private int iterations = 5;

    @Option(names = "--milliseconds", paramLabel = "MS", description = "Of an iteration (default: 1000).")
    private int milliseconds = 1000;

    @Option(names = "--jvm-option", paramLabel = "OPTION", description = "For the forked JVMs; may be repeated.")
    private String[] jvmOptions = {};

    @Option(names = "--json", paramLabel = "FILE", description = "JMH's own format.")
    private Path json;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        PrintWriter err = command.commandLine().getErr();
        try {
            new Runner(options().build()).run();
            return 0;
        } catch (NoBenchmarksException e) {
            err.println("bench: no benchmark's name has " + pattern);
            return 1;
        } catch (RunnerException e) {
            err.println("bench: " + e.getMessage());
            return 1;
        }
    }

    private ChainedOptionsBuilder options() {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(PACKAGE + "\\..*" + pattern)
                .forks(forks)
                .warmupIterations(iterations)
                .measurementIterations(iterations)
                .warmupTime(TimeValue.milliseconds(milliseconds))
                .measurementTime(TimeValue.milliseconds(milliseconds))
                .jvmArgsAppend(jvmOptions)
                .shouldFailOnError(true);
        parameters.forEach((name, values) -> options.param(name, values.split(",", -1)));
        if (json != null) {
            options.resultFormat(ResultFormatType.JSON).result(json.toString());
        }
        return options;
    }
}
