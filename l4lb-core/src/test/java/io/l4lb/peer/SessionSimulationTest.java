package io.l4lb.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.peer.PeerCounters.Count;
import io.l4lb.peer.frame.FrameDescriptor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Two sessions over a transport in memory that cuts, delays, repeats and swaps frames, while the journal grows, loses its tail
 * to retention, its process and its disk; one thread, a clock moved by hand, one seed a run.
 */
class SessionSimulationTest {
    private static final int SEEDS = 300;
    private static final int STEPS = 1500;
    private static final long STEP_NS = 10_000_000L;
    private static final SessionTerms TERMS_A = SessionTerms.of("edge", "a", 10_000);
    private static final SessionTerms TERMS_B = SessionTerms.of("edge", "b", 10_000);

    @Test
    void nothingIsLostAndNothingAppliedOutOfOrder() {
        Set<Ending> endings = EnumSet.noneOf(Ending.class);
        long repeated = 0;
        long resumed = 0;
        long snapshots = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Run run = new Run(seed);
            run.play();
            endings.addAll(run.endings);
            repeated += run.counters.get(Count.REPEATED);
            snapshots += run.replica.snapshots();
            resumed += run.resumed;
        }
        assertThat(endings).contains(Ending.GAP, Ending.SILENT, Ending.CLOSED);
        assertThat(repeated).isPositive();
        assertThat(resumed).as("resumed, not by snapshot (%d)", snapshots).isGreaterThan(snapshots);
    }

    /** One seed. */
    private static final class Run implements SenderSession.Admission {
        final PeerCounters counters = new PeerCounters();
        final MemoryReplica replica = new MemoryReplica(false);
        final Set<Ending> endings = EnumSet.noneOf(Ending.class);
        long resumed;
        private final long seed;
        private final Random random;
        private final MemoryJournal journal = new MemoryJournal();
        private final Deque<byte[]> toA = new ArrayDeque<>();
        private final Deque<byte[]> toB = new ArrayDeque<>();
        private SenderSession sender;
        private ReceiverSession receiver;
        private Optional<Position> gapBehind = Optional.empty();
        private boolean isAnew;
        private long nowNs;
        private int version;

        Run(long seed) {
            this.seed = seed;
            random = new Random(seed);
        }

        void play() {
            for (int step = 0; step < STEPS; step++) {
                journalLives();
                step(true);
            }
            for (int step = 0; step < STEPS && !isSettled(); step++) {
                step(false);
            }
            assertThat(replica.table()).as("seed %d", seed).isEqualTo(journal.table());
            assertThat(isSettled()).as("seed %d settles", seed).isTrue();
            checkOrder();
        }

        private boolean isSettled() {
            return receiver != null
                    && receiver.state() == ReceiverSession.State.CAUGHT_UP
                    && replica.table().equals(journal.table())
                    && sender.unacknowledged() == 0;
        }

        private void journalLives() {
            if (random.nextInt(3) == 0) {
                journal.append(random.nextInt(50), ++version, random.nextInt(200));
            }
            if (random.nextInt(200) == 0) {
                journal.restart();
                cut();
            }
            if (random.nextInt(150) == 0) {
                journal.retain(random.nextInt(40));
            }
            if (random.nextInt(700) == 0) {
                journal.loseDisk();
                cut();
            }
            if (random.nextInt(4) == 0) {
                replica.applyAll();
            }
        }

        private void step(boolean isRough) {
            nowNs += isRough && random.nextInt(400) == 0 ? 6_000_000_000L : STEP_NS;
            if (isRough && random.nextInt(60) == 0) {
                cut();
            }
            if (!isRough) {
                replica.applyAll();
            }
            if (sender == null) {
                dial();
            }
            pump(sender, toB, isRough);
            pump(receiver, toA, isRough);
            deliver(toA, sender, isRough);
            deliver(toB, receiver, isRough);
            boolean isOver = sender.ending().isPresent() || receiver.ending().isPresent();
            if (isOver && toB.isEmpty() && toA.isEmpty()) {
                cut();
            }
        }

        private void dial() {
            sender = new SenderSession(TERMS_A, this, nowNs);
            receiver = new ReceiverSession(TERMS_B, "a", replica, counters, isAnew, nowNs);
        }

        private void cut() {
            if (sender != null) {
                sender.ending().ifPresent(endings::add);
                receiver.ending().ifPresent(endings::add);
                Optional<Position> behind = receiver.ending().equals(Optional.of(Ending.GAP))
                        ? Optional.of(receiver.last())
                        : Optional.empty();
                isAnew = behind.isPresent() && behind.equals(gapBehind);
                gapBehind = behind;
                if (receiver.isGreeted() && receiver.state() != ReceiverSession.State.SNAPSHOT) {
                    resumed++;
                }
                endings.add(Ending.CLOSED);
                sender.close();
            }
            sender = null;
            receiver = null;
            toA.clear();
            toB.clear();
        }

        private void pump(Session side, Deque<byte[]> wire, boolean isRough) {
            try {
                side.poll(nowNs);
            } catch (IllegalStateException e) {
                side.end(Ending.FAILED);
            }
            List<byte[]> frames = frames(side.output());
            for (int at = 0; at < frames.size(); at++) {
                if (isRough && random.nextInt(300) == 0 && at > 0) {
                    byte[] swapped = frames.get(at - 1);
                    frames.set(at - 1, frames.get(at));
                    frames.set(at, swapped);
                }
            }
            for (byte[] frame : frames) {
                wire.add(frame);
                if (isRough && random.nextInt(100) == 0) {
                    wire.add(frame);
                }
            }
        }

        private static List<byte[]> frames(ByteBuffer output) {
            List<byte[]> frames = new ArrayList<>();
            while (output.hasRemaining()) {
                int length = output.duplicate().order(ByteOrder.LITTLE_ENDIAN).getInt(output.position())
                        + FrameDescriptor.UNCOUNTED_BYTES;
                byte[] frame = new byte[length];
                output.get(frame);
                frames.add(frame);
            }
            return frames;
        }

        private void deliver(Deque<byte[]> wire, Session side, boolean isRough) {
            int budget = isRough ? random.nextInt(2000) : Integer.MAX_VALUE;
            while (!wire.isEmpty() && budget > 0) {
                byte[] chunk = wire.poll();
                ByteBuffer room = side.input();
                int length = Math.min(Math.min(chunk.length, room.remaining()), budget);
                if (side.ending().isPresent() || length == 0) {
                    continue;
                }
                room.put(chunk, 0, length);
                side.received(length, nowNs);
                budget -= length;
                if (length < chunk.length) {
                    wire.addFirst(java.util.Arrays.copyOfRange(chunk, length, chunk.length));
                }
            }
        }

        /** Each batch is the successor, in the journal, of the one before; unless a snapshot came in between. */
        private void checkOrder() {
            Map<Position, Position> before = new HashMap<>();
            Position previous = Position.NONE;
            for (MemoryJournal.Entry entry : journal.entries()) {
                before.put(entry.position(), previous);
                previous = entry.position();
            }
            Position last = Position.NONE;
            for (Position position : replica.taken()) {
                if (!position.isNone() && !last.isNone()) {
                    assertThat(before.get(position))
                            .as("seed %d, before %s", seed, position)
                            .isEqualTo(last);
                }
                last = position;
            }
        }

        @Override
        public Optional<Ending> objection(String nodeId) {
            return nodeId.equals("b") ? Optional.empty() : Optional.of(Ending.UNKNOWN_PEER);
        }

        @Override
        public BatchSource open(String nodeId) {
            return journal.source();
        }

        @Override
        public PeerCounters counters(String nodeId) {
            return counters;
        }
    }
}
