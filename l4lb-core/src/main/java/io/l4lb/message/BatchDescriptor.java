package io.l4lb.message;

import io.l4lb.message.sbe.FlowBatchDecoder;
import io.l4lb.message.sbe.FlowBatchDecoder.BackendsDecoder;
import io.l4lb.message.sbe.FlowBatchDecoder.Ipv4EventsDecoder;
import io.l4lb.message.sbe.FlowBatchDecoder.Ipv6EventsDecoder;
import io.l4lb.message.sbe.FlowBatchDecoder.NodesDecoder;
import io.l4lb.message.sbe.FlowBatchDecoder.VipsDecoder;
import io.l4lb.message.sbe.MessageHeaderDecoder;

/** Bounds of a batch; its layout is the SBE schema's. Static. */
public final class BatchDescriptor {
    /** Events a batch, and so entries of each part of its dictionary. */
    public static final int EVENTS_MAX = 1024;

    /** An IPv6 event with a VIP, a backend and a node of its own. */
    static final int EVENT_MAX_BYTES = VipsDecoder.sbeBlockLength()
            + BackendsDecoder.sbeBlockLength()
            + NodesDecoder.sbeBlockLength()
            + Ipv6EventsDecoder.sbeBlockLength();

    /** As many events of the longest kind as there may be. */
    public static final int LENGTH_MAX_BYTES = MessageHeaderDecoder.ENCODED_LENGTH
            + FlowBatchDecoder.BLOCK_LENGTH
            + VipsDecoder.sbeHeaderSize()
            + BackendsDecoder.sbeHeaderSize()
            + NodesDecoder.sbeHeaderSize()
            + Ipv4EventsDecoder.sbeHeaderSize()
            + Ipv6EventsDecoder.sbeHeaderSize()
            + EVENTS_MAX * EVENT_MAX_BYTES;

    public static final int AGE_MAX_SECONDS = 0xffff;

    static final int FLAG_FIRST = 1;
    static final int FLAG_PROVEN = 1;
    static final int CODE_MASK = 15;
    static final int LAMPORT_LOW_BITS = 32;

    /** From the beginning of the message header. */
    static final int CHECKSUM_OFFSET = MessageHeaderDecoder.ENCODED_LENGTH + FlowBatchDecoder.checksumEncodingOffset();

    private BatchDescriptor() {}
}
