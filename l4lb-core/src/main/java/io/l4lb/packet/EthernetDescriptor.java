package io.l4lb.packet;

/**
 * Ethernet II header and the tags that may follow it (IEEE 802.3, 802.1Q, 802.1ad).
 *
 * <pre>
 *  0  destination MAC   6
 *  6  source MAC        6
 * 12  EtherType         2   IPv4 0x0800, IPv6 0x86DD, or a tag's 0x8100, 0x88A8, 0x9100
 * 14  payload; or after a tag's EtherType: tag control 2, EtherType 2
 * </pre>
 *
 * Network byte order. 14 bytes, 4 more a tag.
 */
public final class EthernetDescriptor {
    public static final int DESTINATION_OFFSET = 0;
    public static final int MAC_LENGTH_BYTES = 6;
    public static final int SOURCE_OFFSET = DESTINATION_OFFSET + MAC_LENGTH_BYTES;
    public static final int ETHER_TYPE_OFFSET = SOURCE_OFFSET + MAC_LENGTH_BYTES;
    public static final int LENGTH_BYTES = ETHER_TYPE_OFFSET + 2;
    public static final int VLAN_TAG_LENGTH_BYTES = 4;
    /** 802.1Q alone, or 802.1ad with 802.1Q inside (QinQ). */
    public static final int VLAN_TAGS_MAX = 2;

    public static final int ETHER_TYPE_IPV4_BE = 0x0008;
    public static final int ETHER_TYPE_IPV6_BE = 0xdd86;
    public static final int ETHER_TYPE_ARP_BE = 0x0608;
    public static final int ETHER_TYPE_VLAN_BE = 0x0081;
    public static final int ETHER_TYPE_QINQ_BE = 0xa888;
    /** The service tag of equipment older than 802.1ad. */
    public static final int ETHER_TYPE_QINQ_OLD_BE = 0x0091;

    private EthernetDescriptor() {}

    /** {@return the four bytes of an 802.1Q tag, memory order}; {@code vlan}: 1 to 4094; 0: none, 0 */
    public static int vlanTag(int vlan) {
        return vlan == 0
                ? 0
                : (Short.toUnsignedInt(Short.reverseBytes((short) vlan)) << Short.SIZE) | ETHER_TYPE_VLAN_BE;
    }

    /** {@return whether that EtherType announces one more tag} */
    public static boolean isVlanTag(int etherTypeBe) {
        return etherTypeBe == ETHER_TYPE_VLAN_BE
                || etherTypeBe == ETHER_TYPE_QINQ_BE
                || etherTypeBe == ETHER_TYPE_QINQ_OLD_BE;
    }
}
