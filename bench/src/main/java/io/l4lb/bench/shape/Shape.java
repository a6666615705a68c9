package io.l4lb.bench.shape;

import io.l4lb.net.Encapsulation;
import java.util.List;
import java.util.Locale;

/**
 * What a contender is to do, the same for the Java one and its twin in C.
 *
 * @param ipv6 family of clients, VIPs and backends
 * @param encapsulation ipip or gue
 * @param bucketBits the flow table has 2^bucketBits times four entries per worker
 * @param workers each with its own queue, flow table and lcore
 * @param mbufs more than all queues' packets together: the pcap device keeps each of them in one
 * @param dataRoomBytes of an mbuf, headroom included
 */
public record Shape(
        Mode mode,
        boolean ipv6,
        Encapsulation encapsulation,
        int bucketBits,
        int vips,
        int backends,
        int workers,
        int mbufs,
        int dataRoomBytes) {
    public static final int ENTRIES_PER_BUCKET = 4;

    /** The pipeline's tables have 15 entries for 8 configured flows. */
    private static final int ENTRIES_PER_8_FLOWS = 15;

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

    /** {@return the options of either contender, behind the "--" that ends those of the EAL} */
    public List<String> toArguments() {
        return List.of(
                option('m', mode.label()),
                option('f', ipv6 ? "ipv6" : "ipv4"),
                option('e', encapsulation.label()),
                option('t', bucketBits),
                option('v', vips),
                option('b', backends),
                option('w', workers),
                option('n', mbufs),
                option('d', dataRoomBytes));
    }

    private static String option(char letter, Object value) {
        return "-" + letter + value;
    }

    /** {@return the shape that {@link #toArguments} wrote} */
    public static Shape parse(List<String> arguments) {
        return new Shape(
                Mode.valueOf(value(arguments, "-m").toUpperCase(Locale.ROOT)),
                value(arguments, "-f").equals("ipv6"),
                value(arguments, "-e").equals("gue") ? Encapsulation.GUE : Encapsulation.IPIP,
                Integer.parseInt(value(arguments, "-t")),
                Integer.parseInt(value(arguments, "-v")),
                Integer.parseInt(value(arguments, "-b")),
                Integer.parseInt(value(arguments, "-w")),
                Integer.parseInt(value(arguments, "-n")),
                Integer.parseInt(value(arguments, "-d")));
    }

    private static String value(List<String> arguments, String option) {
        return arguments.stream()
                .filter(argument -> argument.startsWith(option))
                .findFirst()
                .map(argument -> argument.substring(option.length()))
                .orElseThrow(() -> new IllegalArgumentException("no option " + option));
    }
}
