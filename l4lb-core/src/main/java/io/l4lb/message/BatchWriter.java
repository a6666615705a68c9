package io.l4lb.message;

import static io.l4lb.message.BatchDescriptor.AGE_MAX_SECONDS;
import static io.l4lb.message.BatchDescriptor.CHECKSUM_OFFSET;
import static io.l4lb.message.BatchDescriptor.CODE_MASK;
import static io.l4lb.message.BatchDescriptor.EVENTS_MAX;
import static io.l4lb.message.BatchDescriptor.EVENT_MAX_BYTES;
import static io.l4lb.message.BatchDescriptor.FLAG_FIRST;
import static io.l4lb.message.BatchDescriptor.FLAG_PROVEN;
import static io.l4lb.message.BatchDescriptor.LAMPORT_LOW_BITS;
import static io.l4lb.message.BatchDescriptor.LENGTH_MAX_BYTES;

import io.l4lb.flow.FlowEventSink;
import io.l4lb.message.sbe.FlowBatchEncoder;
import io.l4lb.message.sbe.FlowBatchEncoder.Ipv4EventsEncoder;
import io.l4lb.message.sbe.FlowBatchEncoder.Ipv6EventsEncoder;
import io.l4lb.message.sbe.MessageHeaderEncoder;
import io.l4lb.message.sbe.Purpose;
import io.l4lb.net.IpAddress;
import io.l4lb.replica.ReplicaNumbers;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Writes batches of flow events, one after the other into the same buffer: {@link #begin}, at most {@link
 * BatchDescriptor#EVENTS_MAX} events, {@link #finish}. SBE wants the dictionary and all counts before the events, so events wait in
 * columns until then. One thread; allocates no more than the bytes of nodes' names.
 */
public final class BatchWriter {
    private static final int FIRST_BYTES = 4096;

    private final ReplicaNumbers numbers;
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[FIRST_BYTES]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final FlowBatchEncoder encoder = new FlowBatchEncoder();
    private final BatchChecksum checksum = new BatchChecksum();
    private final BatchDictionary vips = new BatchDictionary();
    private final BatchDictionary backends = new BatchDictionary();
    private final BatchDictionary nodes = new BatchDictionary();
    private final EventColumns ipv4 = new EventColumns();
    private final EventColumns ipv6 = new EventColumns();

    public BatchWriter(ReplicaNumbers numbers) {
        this.numbers = numbers;
    }

    /** Begins a batch and forgets the one before. */
    public void begin(
            long incarnation, long sequence, long lamport, long writtenMs, Purpose purpose, boolean firstOfItsKind) {
        vips.clear();
        backends.clear();
        nodes.clear();
        ipv4.count = 0;
        ipv6.count = 0;
        encoder.wrapAndApplyHeader(buffer, 0, header)
                .incarnation(incarnation)
                .sequence(sequence)
                .lamport(lamport)
                .writtenMs(writtenMs)
                .purpose(purpose)
                .flags((short) (firstOfItsKind ? FLAG_FIRST : 0))
                .spare(0);
    }

    /** Adds an event; not when {@link #isFull}. As {@link FlowEventSink#ipv4}; an age beyond 16 bits is cut. */
    public void addIpv4(
            long clientAndPorts,
            int vip,
            int backend,
            int code,
            boolean proven,
            long lamport,
            int node,
            int ageSeconds) {
        int index = ipv4.next();
        ipv4.low[index] = clientAndPorts;
        add(ipv4, index, vip, backend, code, proven, lamport, node, ageSeconds);
    }

    /** Adds an event; not when {@link #isFull}. As {@link FlowEventSink#ipv6}; an age beyond 16 bits is cut. */
    public void addIpv6(
            long high,
            long low,
            int ports,
            int vip,
            int backend,
            int code,
            boolean proven,
            long lamport,
            int node,
            int ageSeconds) {
        int index = ipv6.next();
        ipv6.high[index] = high;
        ipv6.low[index] = low;
        ipv6.ports[index] = ports;
        add(ipv6, index, vip, backend, code, proven, lamport, node, ageSeconds);
    }

    private void add(
            EventColumns events,
            int index,
            int vip,
            int backend,
            int code,
            boolean proven,
            long lamport,
            int node,
            int ageSeconds) {
        assert ipv4.count + ipv6.count <= EVENTS_MAX : "a batch takes " + EVENTS_MAX + " events";
        events.vip[index] = vips.index(vip);
        events.backend[index] = backends.index(backend);
        events.node[index] = nodes.index(node);
        events.code[index] = (short) (code & CODE_MASK);
        events.flags[index] = (short) (proven ? FLAG_PROVEN : 0);
        events.lamport[index] = lamport;
        events.ageSeconds[index] = Math.clamp(ageSeconds, 0, AGE_MAX_SECONDS);
    }

    public boolean isFull() {
        return count() == EVENTS_MAX;
    }

    /** {@return how many events the batch has} */
    public int count() {
        return ipv4.count + ipv6.count;
    }

    /** {@return where the batch begins at offset 0, after {@link #finish} and until the next {@link #begin}} */
    public DirectBuffer buffer() {
        return buffer;
    }

    /** {@return the length of the batch in bytes} */
    public int finish() {
        makeRoom();
        encodeDictionary();
        encodeIpv4();
        encodeIpv6();
        int length = MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength();
        buffer.putInt(CHECKSUM_OFFSET, checksum.of(buffer, 0, length), ByteOrder.LITTLE_ENDIAN);
        return length;
    }

    /** For what has been added, each event with a VIP, a backend and a node of its own. */
    private void makeRoom() {
        int needed = LENGTH_MAX_BYTES - (EVENTS_MAX - count()) * EVENT_MAX_BYTES;
        if (buffer.capacity() < needed) {
            byte[] more = new byte[Math.min(LENGTH_MAX_BYTES, 2 * needed)];
            buffer.getBytes(0, more, 0, buffer.capacity());
            buffer.wrap(more);
        }
    }

    private void encodeDictionary() {
        FlowBatchEncoder.VipsEncoder vipEntries = encoder.vipsCount(vips.count());
        for (int index = 0; index < vips.count(); index++) {
            IpAddress address = numbers.vipAddress(vips.number(index));
            vipEntries
                    .next()
                    .addressHigh(address.high())
                    .addressLow(address.low())
                    .ipv6((short) (address.ipv6() ? 1 : 0))
                    .protocol((short) numbers.vipProtocol(vips.number(index)));
        }
        FlowBatchEncoder.BackendsEncoder backendEntries = encoder.backendsCount(backends.count());
        for (int index = 0; index < backends.count(); index++) {
            IpAddress address = numbers.backendAddress(backends.number(index));
            backendEntries
                    .next()
                    .addressHigh(address.high())
                    .addressLow(address.low())
                    .ipv6((short) (address.ipv6() ? 1 : 0));
        }
        FlowBatchEncoder.NodesEncoder nodeEntries = encoder.nodesCount(nodes.count());
        for (int index = 0; index < nodes.count(); index++) {
            nodeEntries.next().name(numbers.nodeId(nodes.number(index)));
        }
    }

    private void encodeIpv4() {
        Ipv4EventsEncoder events = encoder.ipv4EventsCount(ipv4.count);
        for (int index = 0; index < ipv4.count; index++) {
            events.next()
                    .clientAndPorts(ipv4.low[index])
                    .vip(ipv4.vip[index])
                    .backend(ipv4.backend[index])
                    .code(ipv4.code[index])
                    .flags(ipv4.flags[index])
                    .ageSeconds(ipv4.ageSeconds[index])
                    .lamportLow(ipv4.lamport[index])
                    .lamportHigh((int) (ipv4.lamport[index] >>> LAMPORT_LOW_BITS))
                    .node(ipv4.node[index]);
        }
    }

    private void encodeIpv6() {
        Ipv6EventsEncoder events = encoder.ipv6EventsCount(ipv6.count);
        for (int index = 0; index < ipv6.count; index++) {
            events.next()
                    .clientHigh(ipv6.high[index])
                    .clientLow(ipv6.low[index])
                    .ports(ipv6.ports[index])
                    .vip(ipv6.vip[index])
                    .backend(ipv6.backend[index])
                    .code(ipv6.code[index])
                    .flags(ipv6.flags[index])
                    .ageSeconds(ipv6.ageSeconds[index])
                    .lamportLow(ipv6.lamport[index])
                    .lamportHigh((int) (ipv6.lamport[index] >>> LAMPORT_LOW_BITS))
                    .node(ipv6.node[index])
                    .spare(0);
        }
    }
}
