package io.l4lb.message;

import static io.l4lb.message.BatchDescriptor.CODE_MASK;
import static io.l4lb.message.BatchDescriptor.EVENTS_MAX;
import static io.l4lb.message.BatchDescriptor.FLAG_FIRST;
import static io.l4lb.message.BatchDescriptor.FLAG_PROVEN;
import static io.l4lb.message.BatchDescriptor.LAMPORT_LOW_BITS;
import static io.l4lb.replica.ClaimDescriptor.LAMPORT_MAX;

import io.l4lb.flow.FlowEventSink;
import io.l4lb.message.sbe.FlowBatchDecoder;
import io.l4lb.message.sbe.FlowBatchDecoder.BackendsDecoder;
import io.l4lb.message.sbe.FlowBatchDecoder.Ipv4EventsDecoder;
import io.l4lb.message.sbe.FlowBatchDecoder.Ipv6EventsDecoder;
import io.l4lb.message.sbe.FlowBatchDecoder.NodesDecoder;
import io.l4lb.message.sbe.FlowBatchDecoder.VipsDecoder;
import io.l4lb.message.sbe.MessageHeaderDecoder;
import io.l4lb.message.sbe.Purpose;
import io.l4lb.replica.ReplicaNumbers;
import org.agrona.DirectBuffer;

/**
 * Reads batches of flow events, from a file or a peer: nothing in them is believed before it was checked. One thread; allocates a
 * name for each node of a batch's dictionary and the text of a problem.
 */
public final class BatchReader {
    private static final int STATE_MASK = 7;
    private static final int STATE_MAX = 4;

    private final ReplicaNumbers numbers;
    private final BatchCheck check = new BatchCheck();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final FlowBatchDecoder decoder = new FlowBatchDecoder();
    private final int[] vips = new int[EVENTS_MAX];
    private final int[] backends = new int[EVENTS_MAX];
    private final int[] nodes = new int[EVENTS_MAX];
    private String problem = "nothing was read yet";
    private long skippedCount;

    public BatchReader(ReplicaNumbers numbers) {
        this.numbers = numbers;
    }

    /**
     * Takes the bytes for the next batch; they have to stay as they are until the one after.
     *
     * @param buffer over a byte array or a byte buffer
     * @return whether they are one; if not, {@link #problem} says why and nothing else may be asked
     */
    public boolean wrap(DirectBuffer buffer, int offset, int length) {
        problem = check.problem(buffer, offset, length);
        if (problem.isEmpty()) {
            decoder.wrapAndApplyHeader(buffer, offset, header);
            problem = contentProblem();
        }
        return problem.isEmpty();
    }

    /** {@return why the last bytes are not a batch; empty if they are} */
    public String problem() {
        return problem;
    }

    public long incarnation() {
        return decoder.incarnation();
    }

    public long sequence() {
        return decoder.sequence();
    }

    public long lamport() {
        return decoder.lamport();
    }

    /** {@return the writer's wall clock when it wrote the batch} */
    public long writtenMs() {
        return decoder.writtenMs();
    }

    /** {@return what the batch is for; {@code NULL_VAL} if a newer schema has more purposes: its events count all the same} */
    public Purpose purpose() {
        return switch (decoder.purposeRaw()) {
            case 1 -> Purpose.JOURNAL;
            case 2 -> Purpose.CHECKPOINT_PART;
            case 3 -> Purpose.CHECKPOINT_END;
            case 4 -> Purpose.SNAPSHOT_PART;
            case 5 -> Purpose.SNAPSHOT_END;
            default -> Purpose.NULL_VAL;
        };
    }

    /** {@return whether a checkpoint or snapshot begins with this batch} */
    public boolean isFirstOfItsKind() {
        return (decoder.flags() & FLAG_FIRST) != 0;
    }

    public int eventCount() {
        return check.eventCount();
    }

    /** {@return how many events of all batches were left out, because there was no number for what they name or nobody knows the state} */
    public long skippedCount() {
        return skippedCount;
    }

    private String contentProblem() {
        if (lamport() < 0
                || lamport()
                        > LAMPORT_MAX / 2) { // no node gets there: one that says so must not take the others to the end
            return "Lamport time " + Long.toUnsignedString(lamport()) + " is beyond 46 bits";
        }
        for (VipsDecoder vip = decoder.vips(); vip.hasNext(); ) {
            vip.next();
            if (isNoAddress(vip.ipv6(), vip.addressHigh(), vip.addressLow())) {
                return "a VIP is no address";
            }
        }
        for (BackendsDecoder backend = decoder.backends(); backend.hasNext(); ) {
            backend.next();
            if (isNoAddress(backend.ipv6(), backend.addressHigh(), backend.addressLow())) {
                return "a backend is no address";
            }
        }
        for (NodesDecoder node = decoder.nodes(); node.hasNext(); ) {
            if (isNoName(node.next())) {
                return "a node's name is none";
            }
        }
        return areIndicesKnown() ? "" : "an event names what is not in the dictionary";
    }

    private static boolean isNoAddress(int ipv6, long high, long low) {
        return ipv6 > 1 || (ipv6 == 0 && (high != 0 || low >>> Integer.SIZE != 0));
    }

    /** A name is printable ASCII, without spaces, and zeroes up to its end. */
    private static boolean isNoName(NodesDecoder node) {
        int length = 0;
        while (length < NodesDecoder.nameLength() && node.name(length) != 0) {
            byte letter = node.name(length++);
            if (letter <= ' ' || letter > '~') {
                return true;
            }
        }
        for (int rest = length; rest < NodesDecoder.nameLength(); rest++) {
            if (node.name(rest) != 0) {
                return true;
            }
        }
        return length == 0;
    }

    private boolean areIndicesKnown() {
        boolean known = true;
        for (Ipv4EventsDecoder event = decoder.ipv4Events(); event.hasNext(); ) {
            event.next();
            known &= isKnown(event.vip(), event.backend(), event.node());
        }
        for (Ipv6EventsDecoder event = decoder.ipv6Events(); event.hasNext(); ) {
            event.next();
            known &= isKnown(event.vip(), event.backend(), event.node());
        }
        return known;
    }

    private boolean isKnown(int vip, int backend, int node) {
        return vip < check.vipCount() && backend < check.backendCount() && node < check.nodeCount();
    }

    /** Tells the sink of all events, IPv4 first, in the order in which they were added. */
    public void forEach(FlowEventSink sink) {
        decoder.sbeRewind();
        numberDictionary();
        tellIpv4(sink);
        tellIpv6(sink);
        sink.end();
    }

    private void numberDictionary() {
        int index = 0;
        for (VipsDecoder vip = decoder.vips(); vip.hasNext(); ) {
            vip.next();
            vips[index++] = numbers.vip(vip.addressHigh(), vip.addressLow(), vip.ipv6() != 0, vip.protocol());
        }
        index = 0;
        for (BackendsDecoder backend = decoder.backends(); backend.hasNext(); ) {
            backend.next();
            backends[index++] = numbers.backend(backend.addressHigh(), backend.addressLow(), backend.ipv6() != 0);
        }
        index = 0;
        for (NodesDecoder node = decoder.nodes(); node.hasNext(); ) {
            nodes[index++] = numbers.node(node.next().name());
        }
    }

    private void tellIpv4(FlowEventSink sink) {
        for (Ipv4EventsDecoder event = decoder.ipv4Events(); event.hasNext(); ) {
            event.next();
            int vip = vips[event.vip()];
            int backend = backends[event.backend()];
            int node = nodes[event.node()];
            long lamport = event.lamportLow() | ((long) event.lamportHigh() << LAMPORT_LOW_BITS);
            int code = event.code() & CODE_MASK;
            if (!isUsable(vip, backend, node, lamport, code)) {
                skippedCount++;
                continue;
            }
            boolean proven = (event.flags() & FLAG_PROVEN) != 0;
            sink.ipv4(event.clientAndPorts(), vip, backend, code, proven, lamport, node, event.ageSeconds());
        }
    }

    private void tellIpv6(FlowEventSink sink) {
        for (Ipv6EventsDecoder event = decoder.ipv6Events(); event.hasNext(); ) {
            event.next();
            int vip = vips[event.vip()];
            int backend = backends[event.backend()];
            int node = nodes[event.node()];
            long lamport = event.lamportLow() | ((long) event.lamportHigh() << LAMPORT_LOW_BITS);
            int code = event.code() & CODE_MASK;
            if (!isUsable(vip, backend, node, lamport, code)) {
                skippedCount++;
                continue;
            }
            boolean proven = (event.flags() & FLAG_PROVEN) != 0;
            int ports = (int) event.ports();
            int age = event.ageSeconds();
            sink.ipv6(event.clientHigh(), event.clientLow(), ports, vip, backend, code, proven, lamport, node, age);
        }
    }

    private static boolean isUsable(int vip, int backend, int node, long lamport, int code) {
        int state = code & STATE_MASK;
        return (vip | backend | node) >= 0 && lamport > 0 && lamport <= LAMPORT_MAX && state > 0 && state <= STATE_MAX;
    }
}
