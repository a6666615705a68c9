package io.l4lb.message;

import static io.l4lb.message.BatchDescriptor.EVENTS_MAX;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.l4lb.message.sbe.FlowBatchDecoder;
import io.l4lb.message.sbe.FlowBatchDecoder.BackendsDecoder;
import io.l4lb.message.sbe.FlowBatchDecoder.Ipv4EventsDecoder;
import io.l4lb.message.sbe.FlowBatchDecoder.Ipv6EventsDecoder;
import io.l4lb.message.sbe.FlowBatchDecoder.NodesDecoder;
import io.l4lb.message.sbe.FlowBatchDecoder.VipsDecoder;
import io.l4lb.message.sbe.GroupSizeEncodingDecoder;
import io.l4lb.message.sbe.MessageHeaderDecoder;
import org.agrona.DirectBuffer;

/**
 * Whether bytes are a batch that the generated decoder may be let loose on: nothing is read beyond the length, each entry has the
 * fields that are known today at least, and the checksum is right. One thread.
 */
final class BatchCheck {
    private static final int GROUP_HEADER_BYTES = GroupSizeEncodingDecoder.ENCODED_LENGTH;
    private static final int GROUP_COUNT_OFFSET = GroupSizeEncodingDecoder.numInGroupEncodingOffset();
    private static final String[] GROUPS = {"VIPs", "backends", "nodes", "IPv4 events", "IPv6 events"};
    /** The fields of version 0; whatever a newer one appends comes after them. */
    private static final int[] BLOCK_BYTES = {
        VipsDecoder.sbeBlockLength(),
        BackendsDecoder.sbeBlockLength(),
        NodesDecoder.sbeBlockLength(),
        Ipv4EventsDecoder.sbeBlockLength(),
        Ipv6EventsDecoder.sbeBlockLength()
    };

    private final BatchChecksum checksum = new BatchChecksum();
    private final int[] counts = new int[GROUPS.length];

    /** {@return what is wrong, empty if nothing is} */
    String problem(DirectBuffer buffer, int offset, int length) {
        if (offset < 0 || length < 0 || offset > buffer.capacity() - length) {
            return length + " bytes at " + offset + " are not within a buffer of " + buffer.capacity();
        }
        if (length < MessageHeaderDecoder.ENCODED_LENGTH + FlowBatchDecoder.BLOCK_LENGTH) {
            return length + " bytes are less than a batch has";
        }
        int schema = unsignedShort(buffer, offset + MessageHeaderDecoder.schemaIdEncodingOffset());
        int template = unsignedShort(buffer, offset + MessageHeaderDecoder.templateIdEncodingOffset());
        if (schema != FlowBatchDecoder.SCHEMA_ID || template != FlowBatchDecoder.TEMPLATE_ID) {
            return "schema " + schema + ", template " + template + " is not a batch of flow events";
        }
        int written = buffer.getInt(offset + BatchDescriptor.CHECKSUM_OFFSET, LITTLE_ENDIAN);
        if (written != checksum.of(buffer, offset, length)) {
            return "the checksum is wrong";
        }
        return groupProblem(buffer, offset, length);
    }

    private String groupProblem(DirectBuffer buffer, int offset, int length) {
        int end = offset + length;
        int blockBytes = unsignedShort(buffer, offset + MessageHeaderDecoder.blockLengthEncodingOffset());
        if (blockBytes < FlowBatchDecoder.BLOCK_LENGTH) {
            return "fields of " + blockBytes + " bytes are too short";
        }
        int position = offset + MessageHeaderDecoder.ENCODED_LENGTH + blockBytes;
        for (int group = 0; group < GROUPS.length; group++) {
            if (position > end - GROUP_HEADER_BYTES) {
                return "it ends before its " + GROUPS[group];
            }
            int entryBytes = unsignedShort(buffer, position);
            int count = unsignedShort(buffer, position + GROUP_COUNT_OFFSET);
            if (count > EVENTS_MAX || entryBytes < BLOCK_BYTES[group]) {
                return count + " " + GROUPS[group] + " of " + entryBytes + " bytes each";
            }
            // at most 1024 * 65535: no overflow
            int groupBytes = GROUP_HEADER_BYTES + count * entryBytes;
            if (groupBytes > end - position) {
                return "it ends within its " + count + " " + GROUPS[group];
            }
            counts[group] = count;
            position += groupBytes;
        }
        return eventCount() > EVENTS_MAX ? eventCount() + " events" : "";
    }

    private static int unsignedShort(DirectBuffer buffer, int offset) {
        return buffer.getShort(offset, LITTLE_ENDIAN) & 0xffff;
    }

    int vipCount() {
        return counts[0];
    }

    int backendCount() {
        return counts[1];
    }

    int nodeCount() {
        return counts[2];
    }

    int eventCount() {
        return counts[3] + counts[4];
    }
}
