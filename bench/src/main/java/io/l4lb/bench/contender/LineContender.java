package io.l4lb.bench.contender;

import io.l4lb.bench.polling.JavaContender;
import io.l4lb.bench.shape.Shape;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** A contender that speaks the lines of {@link JavaContender}: the Java one, or its twin in C. */
public final class LineContender implements Contender {
    private static final String NATIVE_DIRECTORY = "l4lb.nativeDirectory";
    private static final String READY = "READY dpdk=";

    private final String name;
    private final ChildProcess process;
    private final String dpdkVersion;

    private LineContender(String name, List<String> command, Consumer<String> chatter) {
        this.name = name;
        process = new ChildProcess(name, command, chatter);
        dpdkVersion = process.await(line -> line.startsWith(READY)).substring(READY.length());
    }

    /**
     * Starts the Java contender in a JVM with this one's options.
     *
     * @param jvmOptions further options
     * @param chatter gets what the JVM prints, such as its compiler's log
     */
    public static Contender java(
            List<String> jvmOptions, EalOptions ealOptions, Shape shape, Consumer<String> chatter) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions());
        command.addAll(jvmOptions);
        command.add("-D" + NATIVE_DIRECTORY + "=" + System.getProperty(NATIVE_DIRECTORY));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), JavaContender.class.getName()));
        command.addAll(ealOptions.withLcoreForEachWorker());
        command.add("--");
        command.addAll(shape.toJavaArguments());
        return new LineContender("java", command, chatter);
    }

    /** {@return the options of this JVM, which the Java contender gets too} */
    public static List<String> jvmOptions() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments();
    }

    /** Starts the twin. */
    public static Contender twin(Path executable, EalOptions ealOptions, Shape shape) {
        List<String> command = new ArrayList<>();
        command.add(executable.toString());
        command.addAll(ealOptions.withLcoreForEachWorker());
        command.add("--");
        command.addAll(shape.toArguments());
        return new LineContender("twin", command, line -> {});
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String dpdkVersion() {
        return dpdkVersion;
    }

    @Override
    public Sample run(double warmSeconds, double seconds) {
        process.say(String.format(Locale.ROOT, "run %.3f %.3f", warmSeconds, seconds));
        return Sample.parse(process.await(line -> line.startsWith(Sample.START)));
    }

    @Override
    public void close() {
        process.close();
    }
}
