package io.l4lb.health.dns;

/**
 * A DNS message (RFC 1035, section 4.1), network byte order.
 *
 * <pre>
 *  0  id        2
 *  2  flags     2   QR 0x8000, RD 0x0100, RCODE the low 4 bits
 *  4  QDCOUNT   2
 *  6  ANCOUNT   2
 *  8  NSCOUNT   2
 * 10  ARCOUNT   2
 * 12  question: name in labels, 0, type 2, class 2
 * </pre>
 */
final class DnsMessageDescriptor {
    static final int ID_OFFSET = 0;
    static final int FLAGS_OFFSET = ID_OFFSET + 2;
    static final int QUESTION_COUNT_OFFSET = FLAGS_OFFSET + 2;
    static final int QUESTION_OFFSET = 12;
    static final int IS_ANSWER = 0x8000;
    static final int RECURSION_DESIRED = 0x0100;
    static final int CODE_MASK = 0xf;
    static final int TYPE_A = 1;
    static final int TYPE_NS = 2;
    static final int CLASS_IN = 1;

    private DnsMessageDescriptor() {}
}
