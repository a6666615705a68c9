package io.l4lb.bench.jmh;

import io.l4lb.burst.Burst;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Nanoseconds a packet of each stage, on a burst of 32 in L1 whose flows are known: what the code costs, without driver and
 * cache misses ({@code ./l4lb bench forward} has both). Run by
 *
 * <pre>
 * ./l4lb bench jmh StageBenchmark
 * ./l4lb bench jmh StageBenchmark.encapsulate --param family=ipv4,ipv6 --param encapsulation=ipip,gue
 * </pre>
 *
 * <p>A stage can run again on what it left, because it only writes what it does not read; where that is not so, what it
 * read is put back within the measured time, and the same is measured alone: take {@code restoreVerdicts} off encapsulate, and
 * {@code restorePackets} off pass.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(Burst.CAPACITY)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class StageBenchmark {
    private static final long NOW_NS = 1_000_000_000L;

    /** A burst that has just been encapsulated. */
    @State(Scope.Thread)
    public static class Encapsulated {
        @Setup(Level.Iteration)
        public void encapsulated(StageState state) {
            state.restoreVerdicts();
            state.encapsulate();
            state.sendAll();
        }
    }

    /** A burst that has just been pinned. */
    @State(Scope.Thread)
    public static class Pinned {
        @Setup(Level.Iteration)
        public void pinned(StageState state) {
            state.restoreVerdicts();
        }
    }

    @Benchmark
    public long receive(StageState state) {
        return state.receive();
    }

    @Benchmark
    public int parse(StageState state, Pinned pinned) {
        return state.parse();
    }

    @Benchmark
    public int classify(StageState state, Pinned pinned) {
        return state.classify();
    }

    @Benchmark
    public int pin(StageState state, Pinned pinned) {
        return state.pin();
    }

    @Benchmark
    public int encapsulate(StageState state) {
        state.restoreVerdicts();
        return state.encapsulate();
    }

    @Benchmark
    public void restoreVerdicts(StageState state) {
        state.restoreVerdicts();
    }

    @Benchmark
    public int transmit(StageState state, Encapsulated encapsulated) {
        return state.transmit();
    }

    /** The whole worker's pass, from its receive to its transmit. */
    @Benchmark
    public int pass(StageState state) {
        return state.pass(NOW_NS);
    }

    @Benchmark
    public void restorePackets(StageState state) {
        state.restorePackets();
    }
}
