package io.l4lb.bench.jmh;

import io.l4lb.net.IpAddress;
import io.l4lb.prefix.AccessTable;
import io.l4lb.prefix.AccessTableBuilder;
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
 * Nanoseconds of a look-up in an access list, addresses and prefixes at random, so many addresses that no branch predictor learns them.
 * What a list costs depends on how its prefixes lie: these lie evenly. Run by
 *
 * <pre>
 * ./l4lb bench jmh AccessBenchmark --param prefixes=1000,100000
 * </pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(AccessBenchmark.LOOK_UPS)
@State(Scope.Thread)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class AccessBenchmark {
    static final int LOOK_UPS = 1 << 16;

    private static final int IPV4_LENGTH_MIN = 8;
    private static final int IPV4_LENGTHS = 25;
    private static final int IPV6_LENGTH_MIN = 32;
    private static final int IPV6_LENGTHS = 33;
    /** 2000::/3, where addresses are given out. */
    private static final long IPV6_GLOBAL = 0x2000_0000_0000_0000L;

    @Param({"100000"})
    public int prefixes;

    private final int[] ipv4 = new int[LOOK_UPS];
    private final long[] ipv6 = new long[LOOK_UPS];
    private AccessTable table;

    @Setup(Level.Trial)
    public void prepare() {
        SplittableRandom random = new SplittableRandom(1);
        AccessTableBuilder builder = new AccessTableBuilder(true);
        for (int i = 0; i < prefixes; i++) {
            boolean allow = random.nextBoolean();
            builder.add(ipv4Prefix(random), IPV4_LENGTH_MIN + random.nextInt(IPV4_LENGTHS), allow);
            builder.add(ipv6Prefix(random), IPV6_LENGTH_MIN + random.nextInt(IPV6_LENGTHS), allow);
        }
        table = builder.build();
        for (int i = 0; i < LOOK_UPS; i++) {
            ipv4[i] = random.nextInt();
            ipv6[i] = Long.reverseBytes(global(random));
        }
    }

    private static IpAddress ipv4Prefix(SplittableRandom random) {
        return IpAddress.ipv4(random.nextInt());
    }

    private static IpAddress ipv6Prefix(SplittableRandom random) {
        return IpAddress.ipv6(global(random), 0);
    }

    private static long global(SplittableRandom random) {
        return IPV6_GLOBAL | random.nextLong() >>> 3;
    }

    @Benchmark
    public int ipv4() {
        int allowed = 0;
        for (int address : ipv4) {
            allowed += table.allowsIpv4(address) ? 1 : 0;
        }
        return allowed;
    }

    @Benchmark
    public int ipv6() {
        int allowed = 0;
        for (long high : ipv6) {
            allowed += table.allowsIpv6(high, 0) ? 1 : 0;
        }
        return allowed;
    }
}
