package io.l4lb.bench.measure;

import io.l4lb.bench.contender.Contender;
import io.l4lb.bench.contender.EalOptions;
import io.l4lb.bench.contender.FlowCapture;
import io.l4lb.bench.contender.LineContender;
import io.l4lb.bench.contender.TestpmdContender;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Starts the contenders of a cell, all with the same options of the EAL and the same capture. */
final class Contenders {
    private final RunOptions options;
    private final PrintWriter err;
    private final Path root = Path.of(System.getProperty("l4lb.root", "."));
    private String dpdkVersion = "";

    Contenders(RunOptions options, PrintWriter err) {
        this.options = options;
        this.err = err;
    }

    Path root() {
        return root;
    }

    /** {@return the version that the Java contender found} */
    String dpdkVersion() {
        return dpdkVersion;
    }

    /** {@return what is not there and what to do about it} */
    Optional<String> missing() {
        if (options.against().contains(Against.TWIN) && !Files.isExecutable(twin())) {
            return Optional.of("the twin is not built (" + twin() + "): make -C bench/src/main/c, or --against none");
        }
        if (options.against().contains(Against.TESTPMD) && !onPath("dpdk-testpmd")) {
            return Optional.of("dpdk-testpmd is not there: apt-get install dpdk-dev, or --against without testpmd");
        }
        return Optional.empty();
    }

    private static boolean onPath(String program) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    private Path twin() {
        return root.resolve("bench/target/native/lbtwin");
    }

    /** {@return the contenders, asleep, Java first} */
    List<Contender> start(Cell cell, boolean hugePages) throws IOException {
        Path capture = FlowCapture.of(
                root.resolve("bench/target/flows"),
                cell.traffic().captured(),
                cell.packets(),
                cell.ipv6(),
                cell.tables().vips(),
                cell.traffic().frameBytes());
        EalOptions eal = new EalOptions(options.cpus(cell.workers()), hugePages, cell.memoryMegabytes(), capture);
        List<Contender> contenders = new ArrayList<>();
        try {
            contenders.add(LineContender.java(options.jvmOptions(), eal, cell.shape(), err::println));
            dpdkVersion = contenders.getFirst().dpdkVersion();
            if (options.against().contains(Against.TWIN)) {
                contenders.add(LineContender.twin(twin(), eal, cell.shape()));
            }
            if (options.against().contains(Against.TESTPMD)) {
                contenders.add(TestpmdContender.start(eal, cell.shape()));
            }
            return contenders;
        } catch (RuntimeException e) {
            contenders.forEach(Contender::close);
            throw e;
        }
    }
}
