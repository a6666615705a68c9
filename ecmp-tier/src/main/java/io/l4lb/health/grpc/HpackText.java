package io.l4lb.health.grpc;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Headers of a gRPC request in HPACK (RFC 7541): static indices and plain literals, no table, no Huffman code. */
final class HpackText {
    /** Entries of the static table (appendix A). */
    private static final int AUTHORITY = 1;

    private static final int METHOD_POST = 3;
    private static final int PATH = 4;
    private static final int SCHEME_HTTP = 6;
    private static final int CONTENT_TYPE = 31;
    private static final int USER_AGENT = 58;

    private static final int INDEXED = 0x80;
    private static final int LITERAL = 0;
    private static final int LITERAL_PREFIX_BITS = 4;
    private static final int LENGTH_PREFIX_BITS = 7;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private HpackText() {}

    static byte[] request(String authority, String path) {
        HpackText text = new HpackText();
        text.bytes.write(INDEXED | METHOD_POST);
        text.bytes.write(INDEXED | SCHEME_HTTP);
        text.literal(PATH, path);
        text.literal(AUTHORITY, authority);
        text.literal(CONTENT_TYPE, "application/grpc");
        text.literal(USER_AGENT, "l4lb-health");
        text.integer(LITERAL, LITERAL_PREFIX_BITS, 0); // the name is no entry of the table
        text.string("te");
        text.string("trailers");
        return text.bytes.toByteArray();
    }

    private void literal(int nameIndex, String value) {
        integer(LITERAL, LITERAL_PREFIX_BITS, nameIndex);
        string(value);
    }

    private void string(String value) {
        byte[] text = value.getBytes(StandardCharsets.US_ASCII);
        integer(0, LENGTH_PREFIX_BITS, text.length);
        bytes.writeBytes(text);
    }

    /** Section 5.1. */
    private void integer(int firstBits, int prefixBits, int value) {
        int max = (1 << prefixBits) - 1;
        if (value < max) {
            bytes.write(firstBits | value);
            return;
        }
        bytes.write(firstBits | max);
        int rest = value - max;
        while (rest >= 0x80) {
            bytes.write((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        bytes.write(rest);
    }
}
