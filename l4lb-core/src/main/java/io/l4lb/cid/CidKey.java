package io.l4lb.cid;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** An AES-128 key. Never printed: its text says only that there is one. */
public final class CidKey {
    public static final int LENGTH_BYTES = 16;

    private final byte[] bytes;

    private CidKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /** {@return the key of 32 hex digits, or empty if the text is something else} */
    public static Optional<CidKey> parse(String hex) {
        return HexDigits.parse(hex)
                .filter(bytes -> bytes.length == LENGTH_BYTES)
                .map(CidKey::new);
    }

    byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CidKey key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "a key";
    }

    /** Bytes in hexadecimal, either case, nothing between the digits. */
    static final class HexDigits {
        private HexDigits() {}

        static Optional<byte[]> parse(String hex) {
            boolean isHex = hex.length() % 2 == 0 && hex.chars().allMatch(HexFormat::isHexDigit);
            return isHex ? Optional.of(HexFormat.of().parseHex(hex)) : Optional.empty();
        }
    }
}
