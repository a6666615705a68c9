package io.l4lb.bench.journal;

import io.l4lb.bench.journaling.TemporaryDirectory;
import io.l4lb.flow.FlowEventSink;
import io.l4lb.journal.ChronicleJournal;
import io.l4lb.journal.Journal;
import io.l4lb.journal.Recovery;
import io.l4lb.journal.Recovery.Recovered;
import io.l4lb.message.BatchWriter;
import io.l4lb.message.sbe.Purpose;
import io.l4lb.replica.ReplicaNumbers;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * One thread writes batches to a journal flat out, then opens it again and reads all of it into a sink that only counts: {@code
 * ./l4lb bench journal --directory /var/tmp/bench}. The replica table is not part of it.
 */
@Command(
        name = "journal",
        mixinStandardHelpOptions = true,
        description = "Flow events per second into the journal, and how long a restart takes to read them.")
public final class JournalBench implements Callable<Integer> {
    private static final int BACKENDS = 100;
    private static final int ESTABLISHED = 4;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Where the journal is made and removed (default: below the temporary folder).")
    private Path directory = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--events", paramLabel = "N", description = "Flow events (default: ${DEFAULT-VALUE}).")
    private long events = 10_000_000;

    @Option(names = "--batch", paramLabel = "N", description = "Events a batch (default: ${DEFAULT-VALUE}).")
    private int batchEvents = 1024;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException {
        if (events < 1 || batchEvents < 1 || batchEvents > 1024) {
            throw new ParameterException(command.commandLine(), "--events is 1 or more, --batch 1 to 1024");
        }
        PrintWriter out = command.commandLine().getOut();
        try (TemporaryDirectory place = TemporaryDirectory.below(directory)) {
            write(place.path(), out);
            recover(place.path(), out);
        }
        return 0;
    }

    private void write(Path place, PrintWriter out) {
        Histogram appendNs = new Histogram(3);
        ReplicaNumbers numbers = new ReplicaNumbers();
        int vip = numbers.vip(0, 1, false, 6);
        int node = numbers.node("bench");
        for (int backend = 0; backend < BACKENDS; backend++) {
            numbers.backend(0, backend, false);
        }
        BatchWriter writer = new BatchWriter(numbers);
        try (Journal journal = ChronicleJournal.open(place)) {
            long startNs = System.nanoTime();
            long inJournalNs = 0;
            long sequence = 0;
            for (long event = 0; event < events; ) {
                writer.begin(1, sequence++, sequence, System.currentTimeMillis(), Purpose.JOURNAL, false);
                for (int index = 0; index < batchEvents && event < events; index++) {
                    int backend = (int) (event % BACKENDS);
                    writer.addIpv4(event++, vip, backend, ESTABLISHED, true, sequence, node, 0);
                }
                int length = writer.finish();
                long appendStartNs = System.nanoTime();
                journal.append(writer.buffer(), 0, length);
                long tookNs = System.nanoTime() - appendStartNs;
                inJournalNs += tookNs;
                appendNs.recordValue(tookNs);
            }
            long tookNs = System.nanoTime() - startNs;
            out.printf(
                    "wrote      %,d events in %.2f s: %,.0f/s; %.1f ns an event to encode, %.1f to append; %.1f bytes on disk%n",
                    events,
                    tookNs / 1e9,
                    events * 1e9 / tookNs,
                    (double) (tookNs - inJournalNs) / events,
                    (double) inJournalNs / events,
                    (double) journal.bytesOnDisk() / events);
            out.printf(
                    "an append  p50 %.1f us, p99 %.1f us, p99.9 %.0f us, longest %.1f ms%n",
                    appendNs.getValueAtPercentile(50) / 1e3,
                    appendNs.getValueAtPercentile(99) / 1e3,
                    appendNs.getValueAtPercentile(99.9) / 1e3,
                    appendNs.getMaxValue() / 1e6);
        }
    }

    private static void recover(Path place, PrintWriter out) {
        long startNs = System.nanoTime();
        try (Journal journal = ChronicleJournal.open(place)) {
            long openNs = System.nanoTime();
            Counter counter = new Counter();
            Recovered recovered =
                    new Recovery(new ReplicaNumbers(), System::currentTimeMillis, count -> {}).own(journal, counter);
            long endNs = System.nanoTime();
            out.printf(
                    "recovered  %,d events in %.2f s, after %.2f s to check and open the files%n",
                    recovered.events(), (endNs - openNs) / 1e9, (openNs - startNs) / 1e9);
            if (counter.count != recovered.events() || recovered.badBatches() + recovered.missingBatches() > 0) {
                throw new IllegalStateException("not all came back: " + recovered);
            }
        }
    }

    private static final class Counter implements FlowEventSink {
        private long count;

        @Override
        public void ipv4(long client, int vip, int backend, int code, boolean proven, long lamport, int node, int age) {
            count++;
        }

        @Override
        public void ipv6(
                long high,
                long low,
                int ports,
                int vip,
                int backend,
                int code,
                boolean proven,
                long lamport,
                int node,
                int age) {
            count++;
        }
    }
}
