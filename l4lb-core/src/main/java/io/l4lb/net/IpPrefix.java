package io.l4lb.net;

import java.util.Optional;

/**
 * An address and the length of the prefix that it shares with its link, such as 192.0.2.1/24. Any thread; immutable.
 *
 * @param length in bits, 0 .. 32 or 128
 */
public record IpPrefix(IpAddress address, int length) {
    public IpPrefix {
        if (length < 0 || length > address.lengthBytes() * Byte.SIZE) {
            throw new IllegalArgumentException("no prefix length of " + address.family() + ": " + length);
        }
    }

    /** {@return the address and length written as {@code address/length}, or empty if it is anything else} */
    public static Optional<IpPrefix> parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("0|[1-9][0-9]{0,2}")) {
            return Optional.empty();
        }
        int length = Integer.parseInt(text.substring(slash + 1));
        return IpAddress.parse(text.substring(0, slash))
                .filter(address -> length <= address.lengthBytes() * Byte.SIZE)
                .map(address -> new IpPrefix(address, length));
    }

    @Override
    public String toString() {
        return address + "/" + length;
    }
}
