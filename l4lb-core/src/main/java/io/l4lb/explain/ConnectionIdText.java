package io.l4lb.explain;

import io.l4lb.cid.CidDecoder;
import io.l4lb.cid.CidScheme;
import io.l4lb.cid.ConnectionIdDescriptor;
import io.l4lb.cid.ServerId;
import io.l4lb.config.quic.QuicConfig;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import java.util.HexFormat;
import java.util.Optional;

/** The destination connection ID of a QUIC packet as people write it: hex digits, as in a capture. */
public final class ConnectionIdText {
    private static final int LENGTH_BYTES_MAX = 255;

    private final byte[] bytes;

    private ConnectionIdText(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * What a connection ID says.
     *
     * @param scheme its configuration; empty: none of the VIP's
     * @param serverId empty: it is too short, or has no configuration
     * @param trouble in words, if there is no server ID
     */
    record Reading(Optional<CidScheme> scheme, Optional<ServerId> serverId, String trouble) {}

    /**
     * {@return the connection ID that the text names}
     *
     * @throws IllegalArgumentException that says in one line what would be right
     */
    public static ConnectionIdText parse(String text) {
        boolean isHex = text.length() % 2 == 0 && text.chars().allMatch(HexFormat::isHexDigit);
        if (!isHex || text.isEmpty() || text.length() > 2 * LENGTH_BYTES_MAX) {
            throw new IllegalArgumentException("connection ID '" + text
                    + "': expected the hex digits of 1 to 255 bytes; for example 07c4605e4504cc4f");
        }
        return new ConnectionIdText(HexFormat.of().parseHex(text));
    }

    /** {@return what it says by those configurations} */
    Reading readBy(QuicConfig quic) {
        int firstOctet = bytes[0] & 0xff;
        int configuration = ConnectionIdDescriptor.configuration(firstOctet);
        Optional<CidScheme> known = quic.configs().stream()
                .filter(scheme -> scheme.id() == configuration)
                .findFirst();
        if (known.isEmpty()) {
            return new Reading(known, Optional.empty(), unknown(configuration));
        }
        CidDecoder decoder = new CidDecoder(known.get());
        if (bytes.length < decoder.lengthBytesMin()) {
            String trouble = "it has " + bytes.length + " bytes, and one of configuration " + configuration
                    + " at least " + decoder.lengthBytesMin();
            return new Reading(known, Optional.empty(), trouble);
        }
        if (!decoder.isPlausible(firstOctet)) {
            String trouble = "its first octet says that " + ConnectionIdDescriptor.lengthBehind(firstOctet)
                    + " bytes follow, and in configuration " + configuration + " it is at least "
                    + known.get().blockBytes();
            return new Reading(known, Optional.empty(), trouble);
        }
        return new Reading(known, Optional.of(serverId(decoder)), "");
    }

    private static String unknown(int configuration) {
        return configuration == ConnectionIdDescriptor.UNROUTABLE
                ? "its configuration bits are 0b111: made by a server without a configuration, or by a client"
                : "the VIP has no configuration " + configuration;
    }

    private ServerId serverId(CidDecoder decoder) {
        try (NativeMemory memory = NativeMemory.allocate(bytes.length, true)) {
            Memory.copy(bytes, 0, memory.address(), bytes.length);
            decoder.decode(memory.address());
        }
        return new ServerId(
                decoder.serverIdHigh, decoder.serverIdLow, decoder.scheme().serverIdBytes());
    }
}
