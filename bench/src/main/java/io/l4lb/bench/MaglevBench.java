package io.l4lb.bench;

import io.l4lb.hash.Balance;
import io.l4lb.hash.Disruption;
import io.l4lb.hash.MaglevTable;
import io.l4lb.hash.MaglevTableBuilder;
import io.l4lb.hash.Primes;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Fill time, balance and disruption of Maglev tables: {@code ./l4lb bench maglev}. */
@Command(
        name = "maglev",
        mixinStandardHelpOptions = true,
        description = {
            "Time to fill a table (min/median/max of the rounds), its balance, and how many slots of the survivors move when"
                    + " one backend goes."
        })
final class MaglevBench implements Callable<Integer> {
    private static final double NANOS_PER_MILLI = 1e6;

    @Option(names = "--table-size", paramLabel = "PRIME", description = "Slots (default: ${DEFAULT-VALUE}).")
    private int tableSize = 65_537;

    @Option(
            names = "--backends",
            split = ",",
            paramLabel = "N",
            description = "Numbers of backends (default: 10,100,1000).")
    private int[] backendCounts = {10, 100, 1000};

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Rounds, after as many to warm up (default: ${DEFAULT-VALUE}).")
    private int rounds = 20;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        PrintWriter out = command.commandLine().getOut();
        if (!Primes.isPrime(tableSize)) {
            throw wrong("--table-size is a prime, not " + tableSize + "; the next is " + Primes.nextPrime(tableSize));
        }
        if (rounds < 1 || Arrays.stream(backendCounts).anyMatch(count -> count < 2 || count > tableSize)) {
            throw wrong("--rounds is 1 or more, --backends 2 to " + tableSize + " (the table size)");
        }
        out.printf("%d slots, %d rounds%n", tableSize, rounds);
        out.printf(
                "%8s %10s  %-23s  %-17s  %s%n",
                "backends", "weights", "fill ms min/median/max", "max/mean, min/mean", "survivors' slots moved");
        for (int backends : backendCounts) {
            int[] equal = new int[backends];
            Arrays.fill(equal, 100);
            report(out, "equal", equal);
            report(
                    out,
                    "1 to 100",
                    IntStream.range(0, backends).map(i -> 1 + i % 100).toArray());
        }
        return 0;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(command.commandLine(), message);
    }

    private void report(PrintWriter out, String label, int[] weights) {
        long[] nanos = new long[rounds];
        for (int round = -rounds; round < rounds; round++) {
            long start = System.nanoTime();
            MaglevTable built = table(weights, weights.length);
            long taken = System.nanoTime() - start;
            nanos[Math.max(round, 0)] = taken + (built.slotCount() - tableSize); // keeps the table alive
        }
        Arrays.sort(nanos);
        MaglevTable all = table(weights, weights.length);
        MaglevTable oneLess = table(weights, weights.length - 1);
        int[] newOrdinals = IntStream.range(0, weights.length).toArray();
        newOrdinals[weights.length - 1] = Disruption.GONE;
        Balance balance = Balance.of(all, weights);
        out.printf(
                "%8d %10s  %6.2f /%6.2f /%6.2f  %8.4f, %8.4f  %.3f %%%n",
                weights.length,
                label,
                nanos[0] / NANOS_PER_MILLI,
                nanos[rounds / 2] / NANOS_PER_MILLI,
                nanos[rounds - 1] / NANOS_PER_MILLI,
                balance.maxOverMean(),
                balance.minOverMean(),
                100 * Disruption.between(all, oneLess, newOrdinals).movedShare());
    }

    private MaglevTable table(int[] weights, int count) {
        MaglevTableBuilder builder = new MaglevTableBuilder(tableSize);
        for (int i = 0; i < count; i++) {
            builder.add(
                    ByteBuffer.allocate(Integer.BYTES).putInt(0x0a000001 + i).array(), weights[i]);
        }
        return builder.build();
    }
}
