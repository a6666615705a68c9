package io.l4lb.cid;

import java.util.HexFormat;
import java.util.Optional;

/**
 * What a backend puts in the connection IDs that it issues.
 *
 * @param high its first 8 bytes, the first byte highest; those that it does not have are 0
 * @param low the others, likewise
 * @param lengthBytes 1 .. 15
 */
public record ServerId(long high, long low, int lengthBytes) {
    /** {@return the ID of 2 to 30 hex digits, or empty if the text is something else} */
    public static Optional<ServerId> parse(String hex) {
        return CidKey.HexDigits.parse(hex)
                .filter(bytes -> bytes.length >= ConnectionIdDescriptor.SERVER_ID_BYTES_MIN
                        && bytes.length <= ConnectionIdDescriptor.SERVER_ID_BYTES_MAX)
                .map(bytes -> new ServerId(
                        word(bytes, 0, bytes.length), word(bytes, Long.BYTES, bytes.length), bytes.length));
    }

    /** {@return 8 bytes from {@code from} on, the first highest; 0 for those from {@code end} on} Hot. */
    static long word(byte[] bytes, int from, int end) {
        long word = 0;
        int stop = Math.min(end, from + Long.BYTES);
        for (int i = from; i < stop; i++) {
            word |= (bytes[i] & 0xffL) << (Byte.SIZE * (from + Long.BYTES - 1 - i));
        }
        return word;
    }

    /** {@return its hex digits} */
    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return (hex.toHexDigits(high) + hex.toHexDigits(low)).substring(0, 2 * lengthBytes);
    }
}
