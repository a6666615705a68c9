package io.l4lb.message;

import static io.l4lb.message.BatchDescriptor.CHECKSUM_OFFSET;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;

/**
 * The CRC-32C (RFC 3720, appendix B.4) of a batch without the field that holds it: a page that the disk lost reads as zeroes, which
 * are a valid event. One thread.
 */
final class BatchChecksum {
    private final CRC32C crc = new CRC32C();

    int of(DirectBuffer buffer, int offset, int length) {
        crc.reset();
        int rest = CHECKSUM_OFFSET + Integer.BYTES;
        update(buffer, offset, CHECKSUM_OFFSET);
        update(buffer, offset + rest, length - rest);
        return (int) crc.getValue();
    }

    private void update(DirectBuffer buffer, int offset, int length) {
        byte[] bytes = buffer.byteArray();
        if (bytes != null) {
            crc.update(bytes, buffer.wrapAdjustment() + offset, length);
        } else {
            ByteBuffer window = buffer.byteBuffer().duplicate();
            int start = buffer.wrapAdjustment() + offset;
            crc.update(window.limit(start + length).position(start));
        }
    }
}
