package io.l4lb.replay;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What a capture holds, found by walking all of it once, so that a damaged file is refused before any output is made:
 * DPDK's pcap device would stop at the damage without a word.
 *
 * @param packets how many; at least 1
 * @param maxFrameBytes the longest one's captured bytes
 */
record PcapScan(long packets, int maxFrameBytes) {
    /** Walks a pcap or pcapng file. */
    static PcapScan of(Path file) throws PcapException {
        if (Files.isDirectory(file)) {
            throw new PcapException(file + ": is a directory, expected a capture");
        }
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            return new Walk(file, in).run();
        } catch (NoSuchFileException e) {
            throw new PcapException(file + ": no such file", e);
        } catch (IOException e) {
            throw new PcapException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static final class Walk {
        private final Path file;
        private final DataInputStream in;
        private long packets;
        private int maxFrameBytes;
        /** Of the pcapng section. */
        private int interfaces;

        private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

        Walk(Path file, DataInputStream in) {
            this.file = file;
            this.in = in;
        }

        PcapScan run() throws IOException, PcapException {
            byte[] magic = in.readNBytes(Integer.BYTES);
            if (magic.length < Integer.BYTES) {
                throw new PcapException(
                        file + ": is " + (magic.length == 0 ? "empty" : "truncated") + ", expected a capture");
            }
            int value = ByteBuffer.wrap(magic).order(order).getInt();
            if (value == PcapDescriptor.NG_SECTION) {
                section(value);
                blocks();
            } else {
                classic(value);
            }
            if (packets == 0) {
                throw new PcapException(file + ": holds no packet");
            }
            return new PcapScan(packets, maxFrameBytes);
        }

        private void classic(int magic) throws IOException, PcapException {
            if (!isClassic(magic)) {
                order = ByteOrder.BIG_ENDIAN;
                if (!isClassic(Integer.reverseBytes(magic))) {
                    throw new PcapException(file + ": is not a capture (pcap or pcapng)");
                }
            }
            ByteBuffer header = read(PcapDescriptor.FILE_HEADER_BYTES - Integer.BYTES);
            int version = header.getShort(PcapDescriptor.VERSION_OFFSET - Integer.BYTES);
            if (version != PcapDescriptor.VERSION) {
                throw new PcapException(file + ": is of pcap version " + version + ", expected 2");
            }
            checkLinkType(
                    header.getInt(PcapDescriptor.LINK_TYPE_OFFSET - Integer.BYTES) & PcapDescriptor.LINK_TYPE_MASK);
            byte[] record = new byte[PcapDescriptor.RECORD_HEADER_BYTES];
            for (int got = in.readNBytes(record, 0, record.length);
                    got != 0;
                    got = in.readNBytes(record, 0, record.length)) {
                if (got < record.length) {
                    throw truncated();
                }
                packet(ByteBuffer.wrap(record).order(order).getInt(PcapDescriptor.CAPTURED_OFFSET));
            }
        }

        private static boolean isClassic(int magic) {
            return magic == PcapDescriptor.MAGIC_MICROSECONDS || magic == PcapDescriptor.MAGIC_NANOSECONDS;
        }

        private void packet(int captured) throws IOException, PcapException {
            check(captured, PcapDescriptor.CAPTURED_MAX);
            skip(captured);
            count(captured);
        }

        private void check(int captured, int capturedMax) throws PcapException {
            if (captured < 0 || captured > capturedMax) {
                throw new PcapException(file + ": is damaged: packet " + (packets + 1) + " claims "
                        + Integer.toUnsignedString(captured) + " bytes");
            }
        }

        private void count(int captured) {
            packets++;
            maxFrameBytes = Math.max(maxFrameBytes, captured);
        }

        private void blocks() throws IOException, PcapException {
            byte[] header = new byte[PcapDescriptor.NG_BLOCK_HEADER_BYTES - Integer.BYTES];
            for (int got = in.readNBytes(header, 0, header.length);
                    got != 0;
                    got = in.readNBytes(header, 0, header.length)) {
                if (got < header.length) {
                    throw truncated();
                }
                int type = ByteBuffer.wrap(header).order(order).getInt();
                if (type == PcapDescriptor.NG_SECTION) {
                    section(type);
                } else {
                    block(type);
                }
            }
        }

        private void section(int type) throws IOException, PcapException {
            ByteBuffer start = read(2 * Integer.BYTES);
            if (start.getInt(Integer.BYTES) != PcapDescriptor.NG_BYTE_ORDER_MAGIC) {
                order = order == ByteOrder.LITTLE_ENDIAN ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
                start.order(order);
            }
            if (start.getInt(Integer.BYTES) != PcapDescriptor.NG_BYTE_ORDER_MAGIC) {
                throw new PcapException(file + ": is damaged: bad pcapng section header");
            }
            interfaces = 0;
            skip(bodyLength(type, start.getInt(0))); // the magic has been read, the length behind the body has not
        }

        private void block(int type) throws IOException, PcapException {
            int totalLength = read(Integer.BYTES).getInt();
            int bodyLength = bodyLength(type, totalLength);
            ByteBuffer body = read(bodyLength + Integer.BYTES);
            if (body.getInt(bodyLength) != totalLength) {
                throw badBlock(type, totalLength + " and " + Integer.toUnsignedString(body.getInt(bodyLength)));
            }
            switch (type) {
                case PcapDescriptor.NG_INTERFACE -> {
                    interfaces++;
                    checkLinkType(Short.toUnsignedInt(body.getShort(0)));
                }
                case PcapDescriptor.NG_ENHANCED_PACKET -> ngPacket(body, bodyLength, body.getInt(0));
                case PcapDescriptor.NG_OBSOLETE_PACKET ->
                    ngPacket(body, bodyLength, Short.toUnsignedInt(body.getShort(0)));
                case PcapDescriptor.NG_SIMPLE_PACKET -> simplePacket(body, bodyLength);
                default -> {}
            }
        }

        private void ngPacket(ByteBuffer body, int bodyLength, int interfaceIndex) throws PcapException {
            int room = room(bodyLength, PcapDescriptor.NG_FRAME_OFFSET, interfaceIndex);
            int captured = body.getInt(PcapDescriptor.NG_CAPTURED_OFFSET);
            check(captured, room);
            count(captured);
        }

        /** Its original length is all it has; what was captured is cut at the snap length, and by that the block. */
        private void simplePacket(ByteBuffer body, int bodyLength) throws PcapException {
            int room = room(bodyLength, PcapDescriptor.NG_SIMPLE_FRAME_OFFSET, 0);
            int original = body.getInt(0);
            check(original, Integer.MAX_VALUE);
            count(Math.min(original, room));
        }

        /** {@return bytes that a packet block has for its frame} */
        private int room(int bodyLength, int frameOffset, int interfaceIndex) throws PcapException {
            if (bodyLength < frameOffset) {
                throw new PcapException(file + ": is damaged: bad pcapng packet block");
            }
            if (interfaceIndex < 0 || interfaceIndex >= interfaces) {
                throw new PcapException(file + ": is damaged: packet " + (packets + 1) + " is of interface "
                        + Integer.toUnsignedString(interfaceIndex) + ", which has no pcapng block before it");
            }
            return bodyLength - frameOffset;
        }

        private int bodyLength(int type, int totalLength) throws PcapException {
            if (totalLength < PcapDescriptor.NG_BLOCK_MIN_BYTES
                    || totalLength > 2 * PcapDescriptor.CAPTURED_MAX
                    || totalLength % PcapDescriptor.NG_BLOCK_ALIGNMENT != 0) {
                throw badBlock(type, Integer.toUnsignedString(totalLength));
            }
            return totalLength - PcapDescriptor.NG_BLOCK_MIN_BYTES;
        }

        private PcapException badBlock(int type, String claims) {
            return new PcapException(file + ": is damaged: a pcapng block of type " + Integer.toUnsignedString(type)
                    + " claims " + claims + " bytes");
        }

        private void checkLinkType(int linkType) throws PcapException {
            if (linkType != PcapDescriptor.LINK_TYPE_ETHERNET) {
                throw new PcapException(file + ": link type " + linkType + ", expected 1 (Ethernet)");
            }
        }

        private ByteBuffer read(int length) throws IOException, PcapException {
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw truncated();
            }
            return ByteBuffer.wrap(bytes).order(order);
        }

        private void skip(int length) throws IOException, PcapException {
            try {
                in.skipNBytes(length);
            } catch (EOFException e) {
                throw new PcapException(truncated().getMessage(), e);
            }
        }

        private PcapException truncated() {
            return new PcapException(file + ": is truncated after packet " + packets);
        }
    }
}
