package io.l4lb.bench.fuzz;

import io.l4lb.bench.rig.FuzzInput;
import io.l4lb.bench.rig.Pipelines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Jazzer calls, by these names, in a process of its own. */
public final class PipelineTarget {
    /** System property: the folder for what is found. */
    static final String DIRECTORY = "l4lb.fuzz.directory";

    static final String HISTORY = "history";
    static final String REACHED = "reached.txt";
    /** Inputs that a worker sees. A failure that only its whole history brings about can be looked for among so many. */
    private static final int INPUTS_A_WORKER = 1_000;

    private static Path directory;
    private static Pipelines pipelines;
    private static History history;
    private static int inputs;

    private PipelineTarget() {}

    public static void fuzzerInitialize() throws IOException {
        directory = Path.of(System.getProperty(DIRECTORY));
        history = new History(directory.resolve(HISTORY));
        pipelines =
                new Pipelines(Seeds.of(Path.of(System.getProperty("l4lb.root"))).sites(), false);
    }

    public static void fuzzerTestOneInput(byte[] data) {
        if (inputs == INPUTS_A_WORKER || !history.add(data)) {
            pipelines.renew();
            history.clear();
            history.add(data);
            inputs = 0;
        }
        inputs++;
        pipelines.run(FuzzInput.of(data));
    }

    /** Jazzer's last call. */
    public static void fuzzerTearDown() throws IOException {
        pipelines.renew();
        Files.write(directory.resolve(REACHED), pipelines.reached());
    }
}
