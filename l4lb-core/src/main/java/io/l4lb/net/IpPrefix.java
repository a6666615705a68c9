package io.l4lb.net;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An address and the length of the prefix that it shares with its link, such as 192.0.2.1/24. Any thread; immutable.
 *
 * @param length in bits, 0 .. 32 or 128
 */
public record IpPrefix(IpAddress address, int length) {
    private static final Pattern LENGTH = Pattern.compile("0|[1-9][0-9]{0,2}");

    public IpPrefix {
        if (length < 0 || length > address.lengthBytes() * Byte.SIZE) {
            throw new IllegalArgumentException("no prefix length of " + address.family() + ": " + length);
        }
    }

    /** {@return the address and length written as {@code address/length}, or empty if it is anything else} */
    public static Optional<IpPrefix> parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !LENGTH.matcher(text).region(slash + 1, text.length()).matches()) {
            return Optional.empty();
        }
        int length = Integer.parseInt(text.substring(slash + 1));
        return IpAddress.parse(text.substring(0, slash))
                .filter(address -> length <= address.lengthBytes() * Byte.SIZE)
                .map(address -> new IpPrefix(address, length));
    }

    /** {@return the prefix's first address}: all bits behind its length are zero */
    public IpAddress first() {
        if (!address.ipv6()) {
            return new IpAddress(false, 0, address.low() & ~(0xffff_ffffL >>> length));
        }
        long hostHigh = length >= Long.SIZE ? 0 : -1L >>> length;
        long hostLow = length <= Long.SIZE ? -1L : length == 2 * Long.SIZE ? 0 : -1L >>> (length - Long.SIZE);
        return new IpAddress(true, address.high() & ~hostHigh, address.low() & ~hostLow);
    }

    /** {@return whether that address, of the same family, begins as this one does} */
    public boolean contains(IpAddress other) {
        return other.ipv6() == address.ipv6()
                && new IpPrefix(other, length).first().equals(first());
    }

    @Override
    public String toString() {
        return address + "/" + length;
    }
}
