package io.l4lb.net;

import java.util.Optional;

/** The text forms of addresses, both ways: RFC 4291, section 2.2, read strictly; RFC 5952 written. Cold; any thread. */
final class IpAddressText {
    private static final int GROUP_COUNT = 8;
    private static final int GROUPS_PER_HALF = 4;
    private static final int MAX_TEXT_LENGTH = 45; // eight groups of four, the last two as a dotted quad
    private static final int INVALID = -1;

    private IpAddressText() {}

    static Optional<IpAddress> parseIpv4(String text) {
        long address = dottedQuad(text);
        return address == INVALID ? Optional.empty() : Optional.of(IpAddress.ipv4((int) address));
    }

    static Optional<IpAddress> parseIpv6(String text) {
        int gap = text.indexOf("::");
        if (text.length() > MAX_TEXT_LENGTH || (gap >= 0 && text.indexOf("::", gap + 1) >= 0)) {
            return Optional.empty();
        }
        int[] groups = new int[GROUP_COUNT];
        if (gap < 0) {
            return groupsOf(text, groups, true) == GROUP_COUNT ? Optional.of(of(groups)) : Optional.empty();
        }
        int[] tail = new int[GROUP_COUNT];
        int before = groupsOf(text.substring(0, gap), groups, false);
        int after = groupsOf(text.substring(gap + 2), tail, true);
        // The gap stands for at least one group (RFC 5952 would not write it for one, RFC 4291 may).
        if (before == INVALID || after == INVALID || before + after >= GROUP_COUNT) {
            return Optional.empty();
        }
        System.arraycopy(tail, 0, groups, GROUP_COUNT - after, after);
        return Optional.of(of(groups));
    }

    static String ipv4Text(long address) {
        return (address >>> 24) + "." + (address >>> 16 & 0xff) + "." + (address >>> 8 & 0xff) + "." + (address & 0xff);
    }

    static String ipv6Text(long high, long low) {
        int[] groups = new int[GROUP_COUNT];
        for (int group = 0; group < GROUP_COUNT; group++) {
            long half = group < GROUPS_PER_HALF ? high : low;
            groups[group] = (int) (half >>> (Short.SIZE * (GROUPS_PER_HALF - 1 - group % GROUPS_PER_HALF))) & 0xffff;
        }
        int start = longestZeroRun(groups);
        int end = start < 0 ? 0 : start + zeroRun(groups, start);
        StringBuilder text = new StringBuilder();
        for (int group = 0; group < GROUP_COUNT; group++) {
            if (group == start) {
                text.append("::");
                group = end - 1;
            } else {
                text.append(group == 0 || group == end ? "" : ":").append(Integer.toHexString(groups[group]));
            }
        }
        return text.toString();
    }

    /** The first of the longest runs of at least two zero groups (RFC 5952, section 4.2), or -1. */
    private static int longestZeroRun(int... groups) {
        int longest = 1;
        int start = INVALID;
        for (int group = 0; group < GROUP_COUNT; group++) {
            int length = zeroRun(groups, group);
            if (length > longest) {
                longest = length;
                start = group;
            }
        }
        return start;
    }

    private static int zeroRun(int[] groups, int start) {
        int end = start;
        while (end < GROUP_COUNT && groups[end] == 0) {
            end++;
        }
        return end - start;
    }

    /** Reads groups between colons to {@code groups}; a dotted quad may be the last two. Count of groups, or -1. */
    private static int groupsOf(String text, int[] groups, boolean quadAllowed) {
        int count = 0;
        if (text.isEmpty()) {
            return count;
        }
        String[] parts = text.split(":", -1);
        for (int part = 0; part < parts.length; part++) {
            boolean quad = parts[part].indexOf('.') >= 0;
            if (count + (quad ? 2 : 1) > GROUP_COUNT || (quad && (!quadAllowed || part != parts.length - 1))) {
                return INVALID;
            }
            long value = quad ? dottedQuad(parts[part]) : hexGroup(parts[part]);
            if (value == INVALID) {
                return INVALID;
            }
            if (quad) {
                groups[count++] = (int) (value >>> Short.SIZE);
            }
            groups[count++] = (int) value & 0xffff;
        }
        return count;
    }

    private static long hexGroup(String text) {
        if (text.isEmpty() || text.length() > 4) {
            return INVALID;
        }
        int value = 0;
        for (int index = 0; index < text.length(); index++) {
            int digit = asciiDigit(text.charAt(index), 16);
            if (digit < 0) {
                return INVALID;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private static long dottedQuad(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != IpAddress.IPV4_LENGTH_BYTES) {
            return INVALID;
        }
        long address = 0;
        for (String part : parts) {
            int value = decimalByte(part);
            if (value == INVALID) {
                return INVALID;
            }
            address = address << Byte.SIZE | value;
        }
        return address;
    }

    private static int decimalByte(String text) {
        // A leading zero means octal to some readers (inet_aton), so it is refused.
        if (text.isEmpty() || text.length() > 3 || (text.length() > 1 && text.charAt(0) == '0')) {
            return INVALID;
        }
        int value = 0;
        for (int index = 0; index < text.length(); index++) {
            int digit = asciiDigit(text.charAt(index), 10);
            if (digit < 0) {
                return INVALID;
            }
            value = value * 10 + digit;
        }
        return value <= 0xff ? value : INVALID;
    }

    /** Unlike {@link Character#digit} alone, knows no Arabic or full-width digits. */
    private static int asciiDigit(char character, int radix) {
        return character < 128 ? Character.digit(character, radix) : INVALID;
    }

    private static IpAddress of(int... groups) {
        long high = 0;
        long low = 0;
        for (int group = 0; group < GROUPS_PER_HALF; group++) {
            high = high << Short.SIZE | groups[group];
            low = low << Short.SIZE | groups[GROUPS_PER_HALF + group];
        }
        return IpAddress.ipv6(high, low);
    }
}
