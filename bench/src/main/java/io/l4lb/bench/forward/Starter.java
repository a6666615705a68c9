package io.l4lb.bench.forward;

import io.l4lb.bench.contender.Contender;
import io.l4lb.bench.contender.EalOptions;
import io.l4lb.bench.contender.FlowCapture;
import io.l4lb.bench.contender.LineContender;
import io.l4lb.bench.contender.TestpmdContender;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Starts the contenders of a cell, all with the same options of the EAL and the same capture. */
final class Starter {
    private final List<Against> against;
    private final List<Integer> cpus;
    private final List<String> jvmOptions;
    private final PrintWriter err;
    private final Path root = Path.of(System.getProperty("l4lb.root", "."));
    private String dpdkVersion = "";

    Starter(List<Against> against, List<Integer> cpus, List<String> jvmOptions, PrintWriter err) {
        this.against = against;
        this.cpus = cpus;
        this.jvmOptions = jvmOptions;
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
        if (against.contains(Against.TWIN) && !Files.isExecutable(twin())) {
            return Optional.of("the twin is not built (" + twin() + "): make -C bench/src/main/c, or --against none");
        }
        return Optional.empty();
    }

    private Path twin() {
        return root.resolve("bench/target/native/lbtwin");
    }

    /** {@return the contenders, asleep, Java first} */
    List<Contender> start(Cell cell, boolean hugePages) throws IOException {
        Path capture = FlowCapture.of(
                root.resolve("bench/target/flows"), cell.flows(), cell.ipv6(), cell.vips(), cell.frameBytes());
        EalOptions options = new EalOptions(cpus, hugePages, cell.memoryMegabytes(), capture);
        List<Contender> contenders = new ArrayList<>();
        try {
            contenders.add(LineContender.java(jvmOptions, options, cell.shape(), err::println));
            dpdkVersion = contenders.getFirst().dpdkVersion();
            if (against.contains(Against.TWIN)) {
                contenders.add(LineContender.twin(twin(), options, cell.shape()));
            }
            if (against.contains(Against.TESTPMD)) {
                contenders.add(TestpmdContender.start(options, cell.shape()));
            }
            return contenders;
        } catch (RuntimeException e) {
            contenders.forEach(Contender::close);
            throw e;
        }
    }
}
