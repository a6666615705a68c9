package io.l4lb.dpdk.tun;

/**
 * A netlink message that adds or removes one route through an interface, and the kernel's answer. Machine byte order.
 *
 * <pre>
 * struct nlmsghdr (netlink(7))
 *  0  nlmsg_len        4
 *  4  nlmsg_type       2
 *  6  nlmsg_flags      2
 *  8  nlmsg_seq        4
 * 12  nlmsg_pid        4
 * struct rtmsg (rtnetlink(7))                    struct nlmsgerr, in an answer
 * 16  rtm_family       1                         16  error: 0, or minus the error number   4
 * 17  rtm_dst_len      1
 * 18  rtm_src_len      1
 * 19  rtm_tos          1
 * 20  rtm_table        1
 * 21  rtm_protocol     1
 * 22  rtm_scope        1
 * 23  rtm_type         1
 * 24  rtm_flags        4
 * 28  attributes: RTA_OIF, RTA_PRIORITY, RTA_DST: length 2, type 2, value
 * </pre>
 */
final class RouteMessageDescriptor {
    static final int LENGTH_OFFSET = 0;
    static final int TYPE_OFFSET = LENGTH_OFFSET + 4;
    static final int FLAGS_OFFSET = TYPE_OFFSET + 2;
    static final int SEQUENCE_OFFSET = FLAGS_OFFSET + 2;
    static final int FAMILY_OFFSET = SEQUENCE_OFFSET + 8;
    static final int ERROR_OFFSET = FAMILY_OFFSET;
    static final int PREFIX_LENGTH_OFFSET = FAMILY_OFFSET + 1;
    static final int TABLE_OFFSET = PREFIX_LENGTH_OFFSET + 3;
    static final int PROTOCOL_OFFSET = TABLE_OFFSET + 1;
    static final int SCOPE_OFFSET = PROTOCOL_OFFSET + 1;
    static final int KIND_OFFSET = SCOPE_OFFSET + 1;
    static final int ATTRIBUTES_OFFSET = KIND_OFFSET + 5;
    static final int ATTRIBUTE_HEADER_BYTES = 4;

    static final short RTM_NEWROUTE = 24;
    static final short RTM_DELROUTE = 25;
    /** NLM_F_REQUEST, NLM_F_ACK. */
    static final short REMOVE_FLAGS = 1 | 4;
    /** And NLM_F_REPLACE, NLM_F_CREATE. */
    static final short PUT_FLAGS = REMOVE_FLAGS | 0x100 | 0x400;

    static final byte AF_INET = 2;
    static final byte AF_INET6 = 10;
    static final byte SCOPE_UNIVERSE = 0;
    static final byte SCOPE_LINK = (byte) 253;
    static final byte UNICAST = 1;
    static final short RTA_DST = 1;
    static final short RTA_OIF = 4;
    static final short RTA_PRIORITY = 6;

    private RouteMessageDescriptor() {}
}
