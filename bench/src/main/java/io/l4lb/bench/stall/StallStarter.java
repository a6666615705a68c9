package io.l4lb.bench.stall;

import io.l4lb.bench.contender.EalOptions;
import io.l4lb.bench.contender.FlowCapture;
import io.l4lb.bench.contender.LineContender;
import io.l4lb.bench.gaps.GapContender;
import io.l4lb.bench.gaps.LoadShape;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Starts the contenders: the same device, the same packets, ordinary pages. */
final class StallStarter {
    private static final String NATIVE_DIRECTORY = "l4lb.nativeDirectory";
    private static final int FLOWS = 100_000;
    private static final int FRAME_BYTES = 60;
    private static final int MEMORY_MEGABYTES = 192;

    private final List<String> jvmOptions;
    private final PrintWriter err;

    StallStarter(List<String> jvmOptions, PrintWriter err) {
        this.jvmOptions = jvmOptions;
        this.err = err;
    }

    static Path root() {
        return Path.of(System.getProperty("l4lb.root", "."));
    }

    private static Path floorProgram() {
        return root().resolve("bench/target/native/stallfloor");
    }

    /** {@return what is not there and what to do about it} */
    Optional<String> missing() {
        return Files.isExecutable(floorProgram())
                ? Optional.empty()
                : Optional.of("the floor is not built (" + floorProgram() + "): make -C bench/src/main/c");
    }

    /** {@return the loop in C, asleep} */
    StallContender floor(int cpu, int vips) throws IOException {
        List<String> command = new ArrayList<>(List.of(floorProgram().toString()));
        command.addAll(ealOptions(cpu, vips));
        return new StallContender("floor", command, line -> {});
    }

    /** {@return a worker in a JVM with this one's options but another collector, asleep} */
    StallContender java(Collector collector, LoadShape shape) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(collector.in(LineContender.jvmOptions()));
        command.addAll(jvmOptions);
        command.add("-D" + NATIVE_DIRECTORY + "=" + System.getProperty(NATIVE_DIRECTORY));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), GapContender.class.getName()));
        command.addAll(ealOptions(shape.cpu(), shape.vips()));
        command.add("--");
        command.addAll(shape.toArguments());
        return new StallContender("java", command, err::println);
    }

    private static List<String> ealOptions(int cpu, int vips) throws IOException {
        Path capture = FlowCapture.of(root().resolve("bench/target/flows"), FLOWS, false, vips, FRAME_BYTES);
        EalOptions options = new EalOptions(List.of(cpu), false, MEMORY_MEGABYTES, capture);
        List<String> all = new ArrayList<>(
                List.of("-l" + cpu, "--no-pci", "--vdev=" + options.devices().getFirst()));
        all.addAll(options.memory());
        return all;
    }
}
