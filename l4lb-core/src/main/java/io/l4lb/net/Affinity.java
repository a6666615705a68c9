package io.l4lb.net;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which fields of its first packet choose a flow's backend.
 *
 * @param isSource the client's address: all its connections to a VIP go to one backend; else the 5-tuple: each connection for itself
 * @param prefixBits how many bits of the client's address count; those that the family does not have are left out
 */
public record Affinity(boolean isSource, int prefixBits) {
    public static final int IPV4_BITS_MAX = 32;
    public static final int IPV6_BITS_MAX = 128;
    /** The 5-tuple. */
    public static final Affinity FLOW = new Affinity(false, IPV6_BITS_MAX);
    /** The client's whole address. */
    public static final Affinity SOURCE = new Affinity(true, IPV6_BITS_MAX);

    private static final Pattern WORD = Pattern.compile("flow|source(?:/([1-9][0-9]{0,2}))?");

    /** {@return what the word says: flow, source, or source/BITS with 1 to 128 bits; empty: something else} */
    public static Optional<Affinity> parse(String word) {
        Matcher matcher = WORD.matcher(word);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        if (matcher.group(1) == null) {
            return Optional.of("flow".equals(word) ? FLOW : SOURCE);
        }
        int bits = Integer.parseInt(matcher.group(1));
        return bits > IPV6_BITS_MAX ? Optional.empty() : Optional.of(new Affinity(true, bits));
    }

    /** {@return the word in configuration and output} */
    public String label() {
        if (!isSource) {
            return "flow";
        }
        return prefixBits == IPV6_BITS_MAX ? "source" : "source/" + prefixBits;
    }
}
