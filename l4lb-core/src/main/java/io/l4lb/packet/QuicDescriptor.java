package io.l4lb.packet;

/**
 * What all versions of QUIC have in common (RFC 8999), in the payload of a UDP datagram.
 *
 * <pre>
 * long header                               short header
 *  0  header form bit 1, 7 bits of the version's  1     0  header form bit 0, 7 bits of the version's   1
 *  1  version                                     4     1  destination connection ID, as long as
 *  5  length of the destination connection ID     1        its receiver has made it
 *  6  destination connection ID           0..255
 * </pre>
 */
public final class QuicDescriptor {
    public static final int FORM_OFFSET = 0;
    public static final int FORM_LONG = 0x80;
    public static final int SHORT_ID_OFFSET = FORM_OFFSET + 1;
    public static final int VERSION_OFFSET = FORM_OFFSET + 1;
    public static final int ID_LENGTH_OFFSET = VERSION_OFFSET + 4;
    public static final int LONG_ID_OFFSET = ID_LENGTH_OFFSET + 1;

    private QuicDescriptor() {}
}
