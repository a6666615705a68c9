package io.l4lb.bench.fuzz;

import io.l4lb.bench.rig.FuzzInput;
import io.l4lb.bench.rig.Pipelines;
import java.io.IOException;
import java.nio.file.Path;

/** Takes the inputs of a file through new workers; also as a process of its own, which may not live through it. */
final class Repeat {
    private Repeat() {}

    public static void main(String[] arguments) throws IOException {
        inputs(Path.of(System.getProperty("l4lb.root")), Path.of(arguments[0]));
    }

    /** Throws what they throw. */
    static void inputs(Path root, Path file) throws IOException {
        try (Pipelines pipelines = new Pipelines(Seeds.of(root).sites(), true)) {
            for (byte[] input : History.read(file)) {
                pipelines.run(FuzzInput.of(input));
            }
        }
    }
}
