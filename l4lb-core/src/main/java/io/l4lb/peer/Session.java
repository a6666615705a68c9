package io.l4lb.peer;

import io.l4lb.peer.PeerCounters.Count;
import io.l4lb.peer.frame.FrameDescriptor;
import io.l4lb.peer.frame.FrameInput;
import io.l4lb.peer.frame.FrameOutput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * One side of a connection between two nodes, without socket, thread or clock. Whoever drives it puts bytes into {@link #input},
 * calls {@link #received}, calls {@link #poll} now and then, and sends what is in {@link #output}; when there is an
 * {@link #ending} it sends what is left and closes. One thread.
 */
public abstract class Session {
    final SessionTerms terms;
    final FrameInput in;
    final FrameOutput out;
    private final long startNs;
    private long heardNs;
    private long saidNs;
    private long frames;
    private Optional<Ending> ending = Optional.empty();
    private boolean isPeersWord;

    Session(SessionTerms terms, FrameOutput out, long nowNs) {
        this.terms = terms;
        this.out = out;
        in = new FrameInput(FrameDescriptor.MAX_SHORT_LENGTH_BYTES);
        startNs = nowNs;
        heardNs = nowNs;
        saidNs = nowNs;
    }

    /** {@return where bytes from the peer go, to be told by {@link #received}} */
    public final ByteBuffer input() {
        return in.room();
    }

    /** Reads what was put into {@link #input}. */
    public final void received(int bytes, long nowNs) {
        heardNs = nowNs;
        counted(Count.BYTES_IN, bytes);
        while (ending.isEmpty()) {
            FrameInput.Outcome outcome = in.next();
            if (outcome == FrameInput.Outcome.NONE) {
                return;
            } else if (outcome == FrameInput.Outcome.WRONG_LENGTH) {
                end(Ending.WRONG_LENGTH);
            } else if (in.kind() == FrameDescriptor.REFUSAL) {
                refused();
            } else {
                frame(in.kind(), in.buffer(), in.payloadOffset(), in.payloadLength(), nowNs);
            }
        }
    }

    /** Says what there is to say. {@return how much was done; 0: the caller may sleep} */
    public final int poll(long nowNs) {
        if (ending.isPresent()) {
            return 0;
        }
        if ((!isGreeted() && nowNs - startNs > terms.helloNs()) || nowNs - heardNs > terms.deadNs()) {
            end(Ending.SILENT);
            return 1;
        }
        long before = frames;
        int work = say(nowNs);
        if (ending.isEmpty() && nowNs - saidNs >= terms.beatNs() && isGreeted() && out.hasRoom(0)) {
            append(FrameDescriptor.BEAT, 0);
        }
        if (frames != before) {
            saidNs = nowNs;
        }
        return work;
    }

    /** {@return what is to be sent; the sender moves its position} */
    public final ByteBuffer output() {
        return out.pending();
    }

    /** {@return why the session is over; empty while it is not} */
    public final Optional<Ending> ending() {
        return ending;
    }

    /** {@return whether the peer gave the reason of the ending} */
    public final boolean isPeersWord() {
        return isPeersWord;
    }

    /** Ends the session, for a reason that the peer is told if there is room. */
    public final void end(Ending reason) {
        if (ending.isPresent()) {
            return;
        }
        ending = Optional.of(reason);
        if (reason != Ending.CLOSED && out.hasRoom(FrameDescriptor.REFUSAL_LENGTH_BYTES)) {
            int offset = append(FrameDescriptor.REFUSAL, FrameDescriptor.REFUSAL_LENGTH_BYTES);
            putGreeting(offset);
            out.buffer().putByte(offset + FrameDescriptor.REFUSAL_REASON_OFFSET, (byte) reason.code());
        }
    }

    private void refused() {
        int offset = in.payloadOffset();
        boolean isWhole = in.payloadLength() >= FrameDescriptor.REFUSAL_LENGTH_BYTES
                && in.buffer().getLong(offset + FrameDescriptor.MAGIC_OFFSET, FrameDescriptor.BYTE_ORDER)
                        == FrameDescriptor.MAGIC;
        if (isWhole) {
            isPeersWord = true;
            int code = in.buffer().getByte(offset + FrameDescriptor.REFUSAL_REASON_OFFSET);
            ending = Optional.of(Ending.ofCode(code).orElse(Ending.MALFORMED));
        } else {
            end(Ending.MALFORMED);
        }
    }

    /** {@return the objection to the first bytes of hello and welcome} */
    final Optional<Ending> greetingObjection(DirectBuffer buffer, int offset, int length) {
        if (length < FrameDescriptor.GREETING_LENGTH_BYTES
                || buffer.getLong(offset + FrameDescriptor.MAGIC_OFFSET, FrameDescriptor.BYTE_ORDER)
                        != FrameDescriptor.MAGIC) {
            return Optional.of(Ending.MALFORMED);
        }
        int major = buffer.getShort(offset + FrameDescriptor.MAJOR_OFFSET, FrameDescriptor.BYTE_ORDER);
        return major == FrameDescriptor.MAJOR_VERSION ? Optional.empty() : Optional.of(Ending.OTHER_VERSION);
    }

    final void putGreeting(int offset) {
        out.buffer().putLong(offset + FrameDescriptor.MAGIC_OFFSET, FrameDescriptor.MAGIC, FrameDescriptor.BYTE_ORDER);
        out.buffer()
                .putShort(
                        offset + FrameDescriptor.MAJOR_OFFSET,
                        (short) FrameDescriptor.MAJOR_VERSION,
                        FrameDescriptor.BYTE_ORDER);
    }

    final int append(int kind, int payloadLength) {
        frames++;
        counted(Count.BYTES_OUT, FrameDescriptor.PAYLOAD_OFFSET + payloadLength);
        return out.append(kind, payloadLength);
    }

    static Position positionAt(DirectBuffer buffer, int offset) {
        return new Position(
                buffer.getLong(offset + FrameDescriptor.INDEX_OFFSET, FrameDescriptor.BYTE_ORDER),
                buffer.getLong(offset + FrameDescriptor.INCARNATION_OFFSET, FrameDescriptor.BYTE_ORDER),
                buffer.getLong(offset + FrameDescriptor.SEQUENCE_OFFSET, FrameDescriptor.BYTE_ORDER));
    }

    static void putPosition(MutableDirectBuffer buffer, int offset, Position position) {
        buffer.putLong(offset + FrameDescriptor.INDEX_OFFSET, position.index(), FrameDescriptor.BYTE_ORDER);
        buffer.putLong(offset + FrameDescriptor.INCARNATION_OFFSET, position.incarnation(), FrameDescriptor.BYTE_ORDER);
        buffer.putLong(offset + FrameDescriptor.SEQUENCE_OFFSET, position.sequence(), FrameDescriptor.BYTE_ORDER);
    }

    /** {@return a name of printable ASCII at {@code offset}, or empty if there is none that ends before {@code end}} */
    static Optional<String> nameAt(DirectBuffer buffer, int offset, int end) {
        if (offset >= end) {
            return Optional.empty();
        }
        int length = buffer.getByte(offset);
        if (length < 1 || length > FrameDescriptor.MAX_NAME_LENGTH_BYTES || offset + Byte.BYTES + length > end) {
            return Optional.empty();
        }
        byte[] name = new byte[length];
        buffer.getBytes(offset + Byte.BYTES, name);
        return Optional.of(new String(name, StandardCharsets.US_ASCII))
                .filter(text -> text.chars().allMatch(letter -> letter > ' ' && letter < 0x7f));
    }

    static int nameLength(String name) {
        return Byte.BYTES + name.length();
    }

    static int putName(MutableDirectBuffer buffer, int offset, String name) {
        buffer.putByte(offset, (byte) name.length());
        buffer.putBytes(offset + Byte.BYTES, name.getBytes(StandardCharsets.US_ASCII));
        return offset + nameLength(name);
    }

    /** {@return whether both sides know who the other is} */
    public abstract boolean isGreeted();

    /** One whole frame; never a refusal. */
    abstract void frame(int kind, DirectBuffer buffer, int offset, int length, long nowNs);

    /** Appends to {@link #out} what there is to say. {@return how much was done} */
    abstract int say(long nowNs);

    abstract void counted(Count count, long amount);
}
