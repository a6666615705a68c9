package io.l4lb.bench.stall;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A collector of the JVM. */
enum Collector {
    ZGC("-XX:+UseZGC"),
    G1("-XX:+UseG1GC"),
    PARALLEL("-XX:+UseParallelGC"),
    SERIAL("-XX:+UseSerialGC"),
    SHENANDOAH("-XX:+UseShenandoahGC -XX:ShenandoahGCMode=generational");

    private final String options;

    Collector(String options) {
        this.options = options;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@return the JVM options with this collector in place of another} */
    List<String> in(List<String> jvmOptions) {
        return Stream.concat(
                        jvmOptions.stream().filter(option -> !option.matches("-XX:\\+Use\\w+GC")),
                        Stream.of(options.split(" ", -1)))
                .toList();
    }
}
