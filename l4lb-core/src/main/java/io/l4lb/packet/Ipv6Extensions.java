package io.l4lb.packet;

import io.l4lb.dpdk.Memory;

/**
 * Walks IPv6 extension headers (RFC 8200, section 4), at most {@link Ipv6Descriptor#EXTENSIONS_MAX}. A walk is one long: what stands
 * behind the headers, and how many bytes they take. Static, hot.
 */
public final class Ipv6Extensions {
    /** Behind the headers: a part of a datagram. The walk ends behind its fragment header. */
    public static final int FRAGMENT = 256;
    /** A header does not end where the packet does, or before. */
    public static final int TRUNCATED = 257;
    /** More headers than are walked. */
    public static final int TOO_MANY = 258;

    private Ipv6Extensions() {}

    /** {@return the protocol behind the headers, {@link #FRAGMENT}, {@link #TRUNCATED} or {@link #TOO_MANY}} */
    public static int header(long walk) {
        return (int) walk;
    }

    /** {@return the bytes of the headers} */
    public static int lengthBytes(long walk) {
        return (int) (walk >>> Integer.SIZE);
    }

    private static long of(int header, long lengthBytes) {
        return lengthBytes << Integer.SIZE | header;
    }

    /**
     * {@return the walk from a packet's first header} An atomic fragment (RFC 6946) is whole and walked over.
     *
     * @param firstHeader what the field before {@code first} says is there
     * @param first address of the first header
     * @param end address behind the packet
     */
    public static long walk(int firstHeader, long first, long end) {
        int header = firstHeader;
        long address = first;
        for (int walked = 0; Ipv6Descriptor.isExtension(header); walked++) {
            if (walked == Ipv6Descriptor.EXTENSIONS_MAX) {
                return of(TOO_MANY, 0);
            }
            if (end - address < Ipv6Descriptor.EXTENSION_UNIT_BYTES) {
                return of(TRUNCATED, 0);
            }
            if (header == Ipv6Descriptor.FRAGMENT && !isAtomic(address)) {
                return of(FRAGMENT, address + Ipv6Descriptor.EXTENSION_UNIT_BYTES - first);
            }
            int lengthBytes = lengthBytes(header, address);
            if (end - address < lengthBytes) {
                return of(TRUNCATED, 0);
            }
            header = Memory.getUnsignedByte(address + Ipv6Descriptor.EXTENSION_NEXT_HEADER_OFFSET);
            address += lengthBytes;
        }
        return of(header, address - first);
    }

    /** {@return the same, but goes on behind the fragment header of a first fragment: layer 4 begins there} */
    public static long walkToL4(int firstHeader, long first, long end) {
        long walk = walk(firstHeader, first, end);
        if (header(walk) != FRAGMENT) {
            return walk;
        }
        long behind = first + lengthBytes(walk);
        long fragmentHeader = behind - Ipv6Descriptor.EXTENSION_UNIT_BYTES;
        int offsetBe = Memory.getUnsignedShort(fragmentHeader + Ipv6Descriptor.FRAGMENT_HEADER_OFFSET_OFFSET);
        if ((offsetBe & Ipv6Descriptor.FRAGMENT_OFFSET_MASK_BE) != 0) {
            return walk;
        }
        int header = Memory.getUnsignedByte(fragmentHeader + Ipv6Descriptor.EXTENSION_NEXT_HEADER_OFFSET);
        long rest = walk(header, behind, end);
        return of(header(rest), lengthBytes(walk) + (long) lengthBytes(rest));
    }

    /**
     * {@return whether one of the headers is a routing header with segments left: the packet's destination is not where it ends (RFC
     * 8200, section 4.4)} Of headers that a walk found sound; parameters as for {@link #walk}.
     */
    public static boolean hasSegmentsLeft(int firstHeader, long first, long end) {
        int header = firstHeader;
        long address = first;
        for (int walked = 0;
                walked < Ipv6Descriptor.EXTENSIONS_MAX
                        && Ipv6Descriptor.isExtension(header)
                        && end - address >= Ipv6Descriptor.EXTENSION_UNIT_BYTES;
                walked++) {
            if (header == Ipv6Descriptor.ROUTING
                    && Memory.getByte(address + Ipv6Descriptor.ROUTING_SEGMENTS_LEFT_OFFSET) != 0) {
                return true;
            }
            int lengthBytes = lengthBytes(header, address);
            header = Memory.getUnsignedByte(address + Ipv6Descriptor.EXTENSION_NEXT_HEADER_OFFSET);
            address += lengthBytes;
        }
        return false;
    }

    private static boolean isAtomic(long fragmentHeader) {
        return (Memory.getUnsignedShort(fragmentHeader + Ipv6Descriptor.FRAGMENT_HEADER_OFFSET_OFFSET)
                        & Ipv6Descriptor.FRAGMENT_MASK_BE)
                == 0;
    }

    private static int lengthBytes(int header, long address) {
        int length = Memory.getUnsignedByte(address + Ipv6Descriptor.EXTENSION_LENGTH_OFFSET);
        return switch (header) {
            case Ipv6Descriptor.FRAGMENT -> Ipv6Descriptor.EXTENSION_UNIT_BYTES; // its second byte is reserved
            case Ipv6Descriptor.AUTHENTICATION -> (length + 2) << 2; // RFC 4302: 4-byte units, minus 2
            default -> (length + 1) << 3;
        };
    }
}
