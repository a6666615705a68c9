package io.l4lb.bench.warmup;

import io.l4lb.bench.contender.ChildProcess;
import io.l4lb.bench.contender.EalOptions;
import io.l4lb.bench.contender.LineContender;
import io.l4lb.bench.shape.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a fresh JVM has measured, CPU nanoseconds a packet.
 *
 * @param compiled whether the warm-up had ended before its limit
 * @param warmUpMs 0: there was none
 * @param first of the packets up to each of {@link FirstPackets#MILESTONES}
 */
record FirstPacketsResult(String dpdkVersion, boolean compiled, double warmUpMs, List<Double> first, double steady) {
    private static final String NATIVE_DIRECTORY = "l4lb.nativeDirectory";

    FirstPacketsResult {
        first = List.copyOf(first);
    }

    /** What is to be run. {@code limitSeconds} 0: no warm-up. */
    record Order(int limitSeconds, double settleSeconds, double seconds, List<String> jvmOptions) {
        Order {
            jvmOptions = List.copyOf(jvmOptions);
        }
    }

    /** Starts a JVM with this one's options, and waits for its answer. */
    static FirstPacketsResult measure(Order order, EalOptions eal, Shape shape, Consumer<String> chatter) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(LineContender.jvmOptions());
        command.addAll(order.jvmOptions());
        command.add("-D" + NATIVE_DIRECTORY + "=" + System.getProperty(NATIVE_DIRECTORY));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), FirstPackets.class.getName()));
        command.addAll(List.of(
                "" + order.limitSeconds(),
                "" + eal.cpus().getFirst(),
                eal.devices().getFirst(),
                "" + order.settleSeconds(),
                "" + order.seconds(),
                "-l" + eal.cpus().getFirst(),
                "--no-pci"));
        command.addAll(eal.memory());
        command.add("--");
        command.addAll(shape.toJavaArguments());
        try (ChildProcess child = new ChildProcess("warmup", command, chatter)) {
            return parse(child.await(line -> line.startsWith(FirstPackets.START)));
        }
    }

    private static FirstPacketsResult parse(String line) {
        Map<String, String> values = new HashMap<>();
        for (String pair : line.substring(FirstPackets.START.length()).split(" ", -1)) {
            int equals = pair.indexOf('=');
            values.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        List<Double> first = new ArrayList<>();
        for (long milestone : FirstPackets.MILESTONES) {
            first.add(Double.valueOf(values.get("first" + milestone)));
        }
        return new FirstPacketsResult(
                values.get("dpdk").replace('_', ' '),
                Boolean.parseBoolean(values.get("compiled")),
                Long.parseLong(values.get("warmUpNs")) / 1e6,
                first,
                Double.parseDouble(values.get("steady")));
    }

    /** {@return cost of the packets up to the last milestone, as a multiple of the steady state's} */
    double ratio() {
        return first.getLast() / steady;
    }
}
