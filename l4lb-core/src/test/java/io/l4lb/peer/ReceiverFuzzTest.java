package io.l4lb.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.peer.frame.FrameDescriptor;
import io.l4lb.testing.Seed;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;

/** Streams of a real sender, mutated: a receiver never throws, never waits for a frame too long, and keeps the order. */
class ReceiverFuzzTest {
    private static final int STREAMS = 110_000;
    private static final SessionTerms SENDER = SessionTerms.of("edge", "a", 1000);
    private static final SessionTerms RECEIVER = SessionTerms.of("edge", "b", 1000);

    /** Checks what it gets, and keeps the last position only. */
    private static final class CheckingSink implements BatchSink {
        private Position last = Position.NONE;
        private boolean isAnyNext = true;
        private int batches;

        @Override
        public Position last() {
            return last;
        }

        @Override
        public void batch(DirectBuffer buffer, int offset, int length, Position position, long ageSeconds) {
            buffer.boundsCheck(offset, length);
            assertThat(isAnyNext || position.index() > last.index()).isTrue();
            last = position;
            isAnyNext = false;
            batches++;
        }

        @Override
        public void snapshot(DirectBuffer buffer, int offset, int length, boolean isLast) {
            buffer.boundsCheck(offset, length);
            isAnyNext = true;
        }

        @Override
        public void caughtUp() {
            assertThat(batches).isNotNegative();
        }

        @Override
        public Position applied() {
            return last;
        }
    }

    @Test
    void noStreamBreaksAReceiver() {
        Random random = new Random(Seed.of(getClass()));
        byte[] stream = stream();
        Set<Ending> endings = EnumSet.noneOf(Ending.class);
        int batches = 0;
        for (int count = 0; count < STREAMS; count++) {
            byte[] mutated = mutate(stream, random);
            CheckingSink sink = new CheckingSink();
            ReceiverSession receiver = new ReceiverSession(RECEIVER, "a", sink, new PeerCounters(), false, 0);
            feed(receiver, mutated, random);
            receiver.ending().ifPresent(endings::add);
            batches += sink.batches;
        }
        assertThat(endings)
                .contains(
                        Ending.MALFORMED,
                        Ending.WRONG_LENGTH,
                        Ending.GAP,
                        Ending.OTHER_VERSION,
                        Ending.OTHER_CLUSTER,
                        Ending.WRONG_NAME);
        assertThat(batches).isPositive();
    }

    private static void feed(ReceiverSession receiver, byte[] stream, Random random) {
        int at = 0;
        while (at < stream.length && receiver.ending().isEmpty()) {
            ByteBuffer room = receiver.input();
            assertThat(room.hasRemaining()).isTrue();
            int length = Math.min(Math.min(1 + random.nextInt(stream.length), stream.length - at), room.remaining());
            room.put(stream, at, length);
            at += length;
            receiver.received(length, at);
            receiver.poll(at);
            receiver.output().position(receiver.output().limit());
        }
    }

    private static byte[] mutate(byte[] stream, Random random) {
        byte[] mutated = stream.clone();
        int changes = random.nextInt(5);
        for (int change = 0; change < changes; change++) {
            // The greeting and the first frames are where most decisions are.
            int reach = random.nextBoolean() ? mutated.length : Math.min(80, mutated.length);
            int at = random.nextInt(reach);
            switch (random.nextInt(5)) {
                case 0 -> mutated[at] = (byte) random.nextInt();
                case 1 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> mutated = Arrays.copyOf(mutated, Math.max(1, at));
                case 3 -> {
                    int from = random.nextInt(mutated.length);
                    int length = Math.min(random.nextInt(60), mutated.length - Math.max(at, from));
                    System.arraycopy(stream.length > from + length ? stream : mutated, from, mutated, at, length);
                }
                default ->
                    mutated = joined(mutated, Arrays.copyOfRange(stream, random.nextInt(stream.length), stream.length));
            }
        }
        return mutated;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** What a sender says to a new peer: welcome, snapshot, caught up, two lives of a journal. */
    private static byte[] stream() {
        MemoryJournal journal = new MemoryJournal();
        PeerCounters counters = new PeerCounters();
        SenderSession sender = new SenderSession(
                SENDER,
                new SenderSession.Admission() {
                    @Override
                    public Optional<Ending> objection(String nodeId) {
                        return Optional.empty();
                    }

                    @Override
                    public BatchSource open(String nodeId) {
                        return journal.source();
                    }

                    @Override
                    public PeerCounters counters(String nodeId) {
                        return counters;
                    }
                },
                0);
        ReceiverSession receiver = new ReceiverSession(RECEIVER, "a", new CheckingSink(), counters, false, 0);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        journal.append(1, 1, 0);
        sender.input().put(receiver.output());
        sender.received(1, 0);
        drain(sender, stream);
        for (int number = 2; number < 10; number++) {
            journal.append(number, number, number);
            if (number == 5) {
                journal.restart();
            }
        }
        drain(sender, stream);
        assertThat(stream.size()).isBetween(200, FrameDescriptor.MAX_LENGTH_BYTES);
        return stream.toByteArray();
    }

    private static void drain(SenderSession sender, ByteArrayOutputStream stream) {
        sender.poll(0);
        byte[] bytes = new byte[sender.output().remaining()];
        sender.output().get(bytes);
        stream.writeBytes(bytes);
    }
}
