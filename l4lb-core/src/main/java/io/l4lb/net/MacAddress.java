package io.l4lb.net;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An Ethernet address. Any thread; immutable.
 *
 * @param value in the low 48 bits, the first byte on the wire the highest: 02:00:00:00:00:01 is 0x020000000001
 */
public record MacAddress(long value) implements Comparable<MacAddress> {
    public static final int LENGTH_BYTES = 6;

    private static final int BITS = LENGTH_BYTES * Byte.SIZE;
    private static final long GROUP_BIT = 0x01L << (BITS - Byte.SIZE); // IEEE 802: lowest bit of the first byte
    private static final Pattern TEXT = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}");

    public MacAddress {
        if (value >>> BITS != 0) {
            throw new IllegalArgumentException("expected 48 bits");
        }
    }

    /** {@return the address written as six pairs of hex digits with colons, or empty if it is anything else} */
    public static Optional<MacAddress> parse(String text) {
        if (!TEXT.matcher(text).matches()) {
            return Optional.empty();
        }
        return Optional.of(new MacAddress(Long.parseLong(text.replace(":", ""), 16)));
    }

    /** {@return the 6 bytes in the order on the wire} */
    public byte[] bytes() {
        byte[] bytes = new byte[LENGTH_BYTES];
        for (int index = 0; index < LENGTH_BYTES; index++) {
            bytes[index] = (byte) (value >>> (BITS - Byte.SIZE * (index + 1)));
        }
        return bytes;
    }

    /** {@return whether this is the address of one machine: not a group, not broadcast, not all zero} */
    public boolean isUnicast() {
        return (value & GROUP_BIT) == 0 && value != 0;
    }

    @Override
    public int compareTo(MacAddress other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int shift = BITS - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            text.append(Character.forDigit((int) (value >>> (shift + 4)) & 0xf, 16))
                    .append(Character.forDigit((int) (value >>> shift) & 0xf, 16))
                    .append(shift == 0 ? "" : ":");
        }
        return text.toString();
    }
}
