package io.l4lb.dpdk;

/**
 * Layout of {@code struct rte_mbuf} as the hot path uses it; machine byte order.
 *
 * <pre>
 *  0  buf_addr   8  address of the buffer
 * 16  data_off   2  offset of the frame in the buffer (headroom before it)
 * 18  refcnt     2
 * 20  nb_segs    2  segments of this packet
 * 22  port       2
 * 24  ol_flags   8
 * 36  pkt_len    4  bytes of all segments
 * 40  data_len   2  bytes of this segment
 * 54  buf_len    2  bytes of the buffer
 * 64  next       8  (second cache line) next segment or 0
 * 92  dynfield1 36  fields that drivers ask for at run time, such as the receive time
 * </pre>
 *
 * Source: DPDK 22.11 {@code rte_mbuf_core.h}. Compared at start with the {@code offsetof} table of the C shim.
 */
public final class MbufDescriptor {
    public static final int BUF_ADDR_OFFSET = 0;
    public static final int DATA_OFF_OFFSET = 16;
    public static final int REFCNT_OFFSET = 18;
    public static final int NB_SEGS_OFFSET = 20;
    public static final int ETH_PORT_OFFSET = 22;
    public static final int OL_FLAGS_OFFSET = 24;
    public static final int PKT_LEN_OFFSET = 36;
    public static final int DATA_LEN_OFFSET = 40;
    public static final int BUF_LEN_OFFSET = 54;
    public static final int NEXT_OFFSET = 64;
    public static final int DYNAMIC_FIELDS_OFFSET = 92;
    public static final int LENGTH_BYTES = 128;
    public static final int DYNAMIC_FIELDS_BYTES = LENGTH_BYTES - DYNAMIC_FIELDS_OFFSET;

    private MbufDescriptor() {}
}
