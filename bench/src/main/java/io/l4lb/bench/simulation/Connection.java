package io.l4lb.bench.simulation;

import io.l4lb.peer.SenderSession;
import io.l4lb.peer.Session;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;

/** A TCP connection between two nodes, as bytes on their way: in order, late, held up by partitions, cut anywhere. */
final class Connection {
    private static final byte[] END = {};
    private static final int TURNS_MAX = 16;
    private static final int RECORDING_MAX_BYTES = 1 << 16;

    /** Who follows. */
    final End receiver;
    /** Who is followed; closed from the beginning if an old stream is played again. */
    final End sender;
    /** What the follower got; null: is not kept. */
    final ByteArrayOutputStream recording;

    /** One side. */
    static final class End {
        final SimulatedNode node;
        final Session side;
        private final Deque<Chunk> inbound = new ArrayDeque<>();
        private long lastNs;
        boolean isClosed;

        End(SimulatedNode node, Session side) {
            this.node = node;
            this.side = side;
            this.isClosed = side == null;
        }

        private void arrives(byte[] bytes, long atNs) {
            lastNs = Math.max(lastNs, atNs);
            inbound.add(new Chunk(bytes, lastNs));
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Chunk(byte[] bytes, long atNs) {}

    Connection(End receiver, End sender, boolean records) {
        this.receiver = receiver;
        this.sender = sender;
        this.recording = records ? new ByteArrayOutputStream() : null;
    }

    /** A follower that hears what was said on another connection. */
    static Connection replayed(End receiver, SimulatedNode followed, byte[] stream, long atNs) {
        Connection connection = new Connection(receiver, new End(followed, null), false);
        receiver.arrives(stream, atNs);
        receiver.arrives(END, atNs);
        return connection;
    }

    boolean isOver() {
        return receiver.isClosed && sender.isClosed;
    }

    /** Both sides do what there is to do. */
    void work(long nowNs, long delayNs, boolean isBlocked) {
        work(sender, receiver, nowNs, delayNs, isBlocked);
        work(receiver, sender, nowNs, delayNs, isBlocked);
    }

    private void work(End me, End other, long nowNs, long delayNs, boolean isBlocked) {
        while (!me.isClosed && !isBlocked && !me.inbound.isEmpty() && me.inbound.peek().atNs <= nowNs) {
            take(me, other, me.inbound.poll().bytes, nowNs + delayNs);
        }
        int work = me.isClosed ? 0 : 1;
        for (int turn = 0; work > 0 && turn < TURNS_MAX; turn++) {
            work = me.side.poll(me.node.nowNs());
            send(me, other, nowNs + delayNs);
        }
        if (!me.isClosed && me.side.ending().isPresent()) {
            close(me, other, nowNs + delayNs);
        }
    }

    @SuppressWarnings("ReferenceEquality") // the end is one array, bytes that look like it are not it
    private void take(End me, End other, byte[] bytes, long atNs) {
        if (bytes == END) {
            close(me, other, atNs);
            return;
        }
        if (me == receiver && recording != null && recording.size() + bytes.length < RECORDING_MAX_BYTES) {
            recording.writeBytes(bytes);
        }
        int from = 0;
        while (from < bytes.length && me.side.ending().isEmpty()) {
            ByteBuffer room = me.side.input();
            int length = Math.min(room.remaining(), bytes.length - from);
            room.put(bytes, from, length);
            from += length;
            me.side.received(length, me.node.nowNs());
        }
    }

    private static void send(End me, End other, long atNs) {
        ByteBuffer output = me.side.output();
        if (output.hasRemaining()) {
            byte[] bytes = new byte[output.remaining()];
            output.get(bytes);
            if (!other.isClosed) {
                other.arrives(bytes, atNs);
            }
        }
    }

    private static void close(End me, End other, long atNs) {
        release(me);
        if (!other.isClosed) {
            other.arrives(END, atNs);
        }
    }

    private static void release(End end) {
        end.isClosed = true;
        end.inbound.clear();
        if (end.side instanceof SenderSession sender) {
            sender.close();
        }
    }

    /** A node's process is gone. {@code isSilent}: its kernel too, so that nobody says that the connection is over. */
    void killed(SimulatedNode node, boolean isSilent, SplittableRandom random, long nowNs) {
        End me = receiver.node == node ? receiver : sender;
        End other = me == receiver ? sender : receiver;
        if (me.isClosed) {
            return;
        }
        release(me);
        lose(other, random);
        if (!isSilent && !other.isClosed) {
            other.arrives(END, nowNs);
        }
    }

    /** Something between them cuts it, somewhere in what is on its way. */
    void cut(SplittableRandom random, long nowNs) {
        for (End end : new End[] {receiver, sender}) {
            lose(end, random);
            if (!end.isClosed) {
                end.arrives(END, nowNs);
            }
        }
    }

    private static void lose(End end, SplittableRandom random) {
        int kept = random.nextInt(end.inbound.size() + 1);
        byte[] split = END;
        while (end.inbound.size() > kept) {
            split = end.inbound.pollLast().bytes;
        }
        int length = random.nextInt(split.length + 1);
        if (!end.isClosed && length > 0) {
            byte[] part = new byte[length];
            System.arraycopy(split, 0, part, 0, length);
            end.arrives(part, end.lastNs);
        }
    }
}
