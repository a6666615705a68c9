package io.l4lb.bench.jmh;

import io.l4lb.hash.MaglevTable;
import io.l4lb.hash.MaglevTableBuilder;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Nanoseconds to build a Maglev table, and to look one flow up in it. Run by
 *
 * <pre>
 * ./l4lb bench jmh MaglevBenchmark
 * ./l4lb bench jmh MaglevBenchmark.build --param backends=1000,10000 --param slots=1048573
 * </pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class MaglevBenchmark {
    private static final int WEIGHT = 100;
    private static final int BACKEND_IPV4 = 0x0a_00_00_01;
    /** Flows looked up in a call, all different: the slots they hit lie anywhere in the table. */
    private static final int FLOWS = 4096;

    @Param({"10", "1000"})
    public int backends;

    @Param({"65537"})
    public int slots;

    private final long[] hashes = new SplittableRandom(1).longs(FLOWS).toArray();
    private MaglevTable table;

    @Setup(Level.Trial)
    public void fill() {
        table = build();
    }

    @Benchmark
    public MaglevTable build() {
        MaglevTableBuilder builder = new MaglevTableBuilder(slots);
        for (int i = 0; i < backends; i++) {
            builder.add(
                    ByteBuffer.allocate(Integer.BYTES).putInt(BACKEND_IPV4 + i).array(), WEIGHT);
        }
        return builder.build();
    }

    @Benchmark
    @OperationsPerInvocation(FLOWS)
    public int lookUp() {
        int slotCount = table.slotCount();
        int sum = 0;
        for (long hash : hashes) {
            sum += table.backendAt(MaglevTable.slotOf(hash, slotCount));
        }
        return sum;
    }
}
