package io.l4lb.bench.stall;

import io.l4lb.bench.contender.ChildProcess;
import io.l4lb.bench.gaps.GapHistograms;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** A process that polls when told to, and sleeps otherwise. One thread. */
final class StallContender implements AutoCloseable {
    private static final String READY = "READY dpdk=";

    private final ChildProcess process;
    private final String dpdkVersion;
    private final AtomicReference<GapHistograms> gaps = new AtomicReference<>(new GapHistograms());

    StallContender(String name, List<String> command, Consumer<String> chatter) {
        process = new ChildProcess(name, command, line -> {
            if (line.startsWith(GapHistograms.LINE_START)) {
                gaps.get().parse(line);
            } else {
                chatter.accept(line);
            }
        });
        dpdkVersion = process.await(line -> line.startsWith(READY)).substring(READY.length());
    }

    String dpdkVersion() {
        return dpdkVersion;
    }

    StallSample run(double warmSeconds, double seconds, boolean loaded) {
        GapHistograms into = new GapHistograms();
        gaps.set(into);
        process.say(String.format(Locale.ROOT, "run %.3f %.3f %d", warmSeconds, seconds, loaded ? 1 : 0));
        return StallSample.parse(into, process.await(line -> line.startsWith(StallSample.START)));
    }

    @Override
    public void close() {
        process.close();
    }
}
