package io.l4lb.replay;

/**
 * The classic capture file (draft-ietf-opsawg-pcap), in the byte order of the machine that wrote it.
 *
 * <pre>
 * file header, 24 bytes                              record header, 16 bytes, then the captured bytes
 *  0  magic          4  A1B2C3D4 us, A1B23C4D ns      0  seconds         4  since 1970
 *  4  version        4                                4  fraction        4  us or ns
 *  8  reserved       8                                8  captured length 4
 * 16  snap length    4                               12  original length 4
 * 20  link type      4  low 16 bits; Ethernet: 1
 * </pre>
 *
 * <p>And what has to be known of pcapng (draft-ietf-opsawg-pcapng): blocks of type 4, total length 4, body, total length 4;
 * the section header's body starts with the byte-order magic, an interface's with the link type (2 bytes); an enhanced
 * packet's has the interface at 0 (4 bytes), the captured length at 12 and the frame at 20; the obsolete packet block
 * differs in that its interface has 2 bytes; a simple packet's has the original length at 0 and the frame at 4.
 */
final class PcapDescriptor {
    static final int MAGIC_MICROSECONDS = 0xa1b2c3d4;
    static final int MAGIC_NANOSECONDS = 0xa1b23c4d;
    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = MAGIC_OFFSET + 4;
    static final int VERSION = 2;
    static final int SNAP_LENGTH_OFFSET = VERSION_OFFSET + 12;
    static final int LINK_TYPE_OFFSET = SNAP_LENGTH_OFFSET + 4;
    static final int FILE_HEADER_BYTES = LINK_TYPE_OFFSET + 4;
    static final int LINK_TYPE_MASK = 0xffff;
    static final int LINK_TYPE_ETHERNET = 1;

    static final int SECONDS_OFFSET = 0;
    static final int FRACTION_OFFSET = SECONDS_OFFSET + 4;
    static final int CAPTURED_OFFSET = FRACTION_OFFSET + 4;
    static final int ORIGINAL_OFFSET = CAPTURED_OFFSET + 4;
    static final int RECORD_HEADER_BYTES = ORIGINAL_OFFSET + 4;
    /** libpcap's own bound for Ethernet; a longer record means that the file is damaged. */
    static final int CAPTURED_MAX = 262_144;

    static final int NG_SECTION = 0x0a0d0d0a;
    static final int NG_BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    static final int NG_INTERFACE = 1;
    static final int NG_OBSOLETE_PACKET = 2;
    static final int NG_SIMPLE_PACKET = 3;
    static final int NG_ENHANCED_PACKET = 6;
    static final int NG_BLOCK_HEADER_BYTES = 8;
    static final int NG_BLOCK_MIN_BYTES = 12;
    static final int NG_BLOCK_ALIGNMENT = 4;
    /** In the body of a block. */
    static final int NG_CAPTURED_OFFSET = 12;

    static final int NG_FRAME_OFFSET = NG_CAPTURED_OFFSET + 8;
    static final int NG_SIMPLE_FRAME_OFFSET = 4;

    private PcapDescriptor() {}
}
