package io.l4lb.bench.shape;

import io.l4lb.config.PoolConfig;
import io.l4lb.hash.Primes;
import io.l4lb.net.Encapsulation;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What a contender is to do, the same for the Java one and its twin in C.
 *
 * @param ipv6 family of clients, VIPs and backends
 * @param encapsulation ipip or gue
 * @param bucketBits the flow table has 2^bucketBits times four entries per worker
 * @param workers each with its own device, flow table and lcore
 * @param replicated of the Java contender's flows
 */
public record Shape(
        Mode mode,
        boolean ipv6,
        Encapsulation encapsulation,
        int bucketBits,
        int vips,
        int backends,
        int workers,
        Source source,
        Replicated replicated) {
    public static final int ENTRIES_PER_BUCKET = 4;

    /** With so many slots a backend, shares are right to one percent. */
    private static final int SLOTS_PER_BACKEND = 100;

    /** The pipeline's tables have 15 entries for 8 configured flows. */
    private static final int ENTRIES_PER_8_FLOWS = 15;

    /** One that replicates nothing. */
    public Shape(
            Mode mode,
            boolean ipv6,
            Encapsulation encapsulation,
            int bucketBits,
            int vips,
            int backends,
            int workers,
            Source source) {
        this(mode, ipv6, encapsulation, bucketBits, vips, backends, workers, source, Replicated.OFF);
    }

    /** {@return the configured number of flows with which the pipeline's table has as many entries as the twin's} */
    public int configuredFlows() {
        return (int) ((long) ENTRIES_PER_BUCKET * 8 * (1L << bucketBits) / ENTRIES_PER_8_FLOWS);
    }

    /** {@return the fewest bits whose table is not evicted from by that many flows, at least {@code least}} */
    public static int bucketBits(int flows, int least) {
        int bits = least;
        while ((long) ENTRIES_PER_BUCKET * 8 * (1L << bits) / ENTRIES_PER_8_FLOWS < flows) {
            bits++;
        }
        return bits;
    }

    /** {@return slots of the Maglev table: the default, or the first prime with a hundred for each backend} */
    public int tableSize() {
        return Math.max(PoolConfig.DEFAULT_TABLE_SIZE, Primes.nextPrime(SLOTS_PER_BACKEND * backends));
    }

    /** {@return the options of the Java contender} Its twin knows no replication. */
    public List<String> toJavaArguments() {
        return Stream.concat(toArguments().stream(), Stream.of(option('r', replicated.label())))
                .toList();
    }

    /** {@return the options of either contender, behind the "--" that ends those of the EAL} */
    public List<String> toArguments() {
        return List.of(
                option('m', mode.label()),
                option('f', ipv6 ? "ipv6" : "ipv4"),
                option('e', encapsulation.label()),
                option('t', bucketBits),
                option('v', vips),
                option('b', backends),
                option('s', tableSize()),
                option('w', workers),
                option('k', source.captured()),
                option('x', source.variants()),
                option('u', source.burst()),
                option('n', source.mbufs()),
                option('d', source.dataRoomBytes()));
    }

    private static String option(char letter, Object value) {
        return "-" + letter + value;
    }

    /** {@return the shape that {@link #toJavaArguments} wrote} */
    public static Shape parse(List<String> arguments) {
        return new Shape(
                Mode.valueOf(value(arguments, "-m").toUpperCase(Locale.ROOT)),
                value(arguments, "-f").equals("ipv6"),
                value(arguments, "-e").equals("gue") ? Encapsulation.GUE : Encapsulation.IPIP,
                number(arguments, "-t"),
                number(arguments, "-v"),
                number(arguments, "-b"),
                number(arguments, "-w"),
                new Source(
                        number(arguments, "-k"),
                        number(arguments, "-x"),
                        number(arguments, "-u"),
                        number(arguments, "-n"),
                        number(arguments, "-d")),
                Replicated.valueOf(value(arguments, "-r").toUpperCase(Locale.ROOT)));
    }

    private static int number(List<String> arguments, String option) {
        return Integer.parseInt(value(arguments, option));
    }

    private static String value(List<String> arguments, String option) {
        return arguments.stream()
                .filter(argument -> argument.startsWith(option))
                .findFirst()
                .map(argument -> argument.substring(option.length()))
                .orElseThrow(() -> new IllegalArgumentException("no option " + option));
    }
}
