package io.l4lb.cid;

/**
 * A connection ID that a server made by QUIC-LB (draft-ietf-quic-load-balancers-21, sections 3 and 5.2), network byte order.
 *
 * <pre>
 *  0  first octet     1   bits 7..5 configuration (config rotation), 0b111: made without one
 *                         bits 4..0 how many octets follow it, or random
 *  1  server ID   1..15   with the nonce behind it one block: plain or encrypted
 *     nonce       4..18   together at most 19
 *     server use   0..    whatever else the server appends
 * </pre>
 */
public final class ConnectionIdDescriptor {
    public static final int FIRST_OCTET_LENGTH_BYTES = 1;
    public static final int SERVER_ID_OFFSET = FIRST_OCTET_LENGTH_BYTES;

    public static final int SERVER_ID_BYTES_MIN = 1;
    public static final int NONCE_BYTES_MIN = 4;
    /** QUIC version 1 has connection IDs of 20 bytes at most. */
    public static final int BLOCK_BYTES_MAX = 19;

    public static final int SERVER_ID_BYTES_MAX = BLOCK_BYTES_MAX - NONCE_BYTES_MIN;
    public static final int NONCE_BYTES_MAX = BLOCK_BYTES_MAX - SERVER_ID_BYTES_MIN;

    /** Values of the configuration bits, the last included. */
    public static final int CONFIGURATIONS = 8;
    /** A server that has no configuration says so. */
    public static final int UNROUTABLE = CONFIGURATIONS - 1;

    private static final int CONFIGURATION_SHIFT = 5;
    private static final int LENGTH_MASK = (1 << CONFIGURATION_SHIFT) - 1;

    private ConnectionIdDescriptor() {}

    /** {@return the configuration that a first octet (0..255) names} */
    public static int configuration(int firstOctet) {
        return firstOctet >>> CONFIGURATION_SHIFT;
    }

    /** {@return how many octets follow, if the server says so in it} */
    public static int lengthBehind(int firstOctet) {
        return firstOctet & LENGTH_MASK;
    }
}
