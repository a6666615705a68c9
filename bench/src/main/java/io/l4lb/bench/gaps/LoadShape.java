package io.l4lb.bench.gaps;

import java.util.List;

/**
 * The worker's place and what its control side does.
 *
 * @param cpu the worker's
 * @param vips each with a pool of its own
 * @param backends of each pool
 * @param megabytesPerSecond garbage beyond what rebuilding and reading make
 * @param apart whether the JVM's other threads keep off the worker's CPU, as they do in a node
 */
public record LoadShape(int cpu, int vips, int backends, int megabytesPerSecond, boolean apart) {
    /** {@return the arguments behind the "--" that ends those of the EAL} */
    public List<String> toArguments() {
        return List.of("" + cpu, "" + vips, "" + backends, "" + megabytesPerSecond, "" + apart);
    }

    static LoadShape parse(List<String> arguments) {
        return new LoadShape(
                Integer.parseInt(arguments.get(0)),
                Integer.parseInt(arguments.get(1)),
                Integer.parseInt(arguments.get(2)),
                Integer.parseInt(arguments.get(3)),
                Boolean.parseBoolean(arguments.get(4)));
    }
}
