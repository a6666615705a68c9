package io.l4lb.health.grpc;

/**
 * A frame of HTTP/2 (RFC 9113, section 4.1), network byte order, and what a client says first.
 *
 * <pre>
 * 0  length of the payload   3
 * 3  type                    1
 * 4  flags                   1
 * 5  stream                  4, the highest bit reserved
 * 9  payload
 * </pre>
 */
final class Http2Descriptor {
    static final int LENGTH_OFFSET = 0;
    static final int TYPE_OFFSET = LENGTH_OFFSET + 3;
    static final int FLAGS_OFFSET = TYPE_OFFSET + 1;
    static final int STREAM_OFFSET = FLAGS_OFFSET + 1;
    static final int HEADER_BYTES = STREAM_OFFSET + 4;

    static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    /** What a peer may send that has not been told otherwise (section 4.2). */
    static final int MAX_PAYLOAD_BYTES = 16_384;

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;

    /** Of DATA and HEADERS. */
    static final int END_STREAM = 1;
    /** Of SETTINGS and PING. */
    static final int ACK = 1;

    static final int END_HEADERS = 4;
    static final int PADDED = 8;

    private Http2Descriptor() {}
}
