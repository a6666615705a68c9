package io.l4lb.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.journal.Journal;
import io.l4lb.journal.JournalException;
import io.l4lb.journal.JournalReader;
import io.l4lb.journal.MemoryJournal;
import io.l4lb.peer.Position;
import io.l4lb.replica.ReplicaNumbers;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A peer leaves while its receiver thread is in an append: the journal must not be closed under it. */
class PeerJournalTest {
    private static final long PATIENCE_SECONDS = 30;
    private static final long LATER_NS = TimeUnit.SECONDS.toNanos(PeerJournal.BEHIND_SECONDS + 1);

    private final SlowJournal slow = new SlowJournal();
    private final PeerJournal peer =
            new PeerJournal(slow, new ReplicaNumbers(), new DiskBudget(Long.MAX_VALUE), () -> 0, Position.NONE, -1);

    private void append() {
        peer.snapshot(new UnsafeBuffer(new byte[8]), 0, 8, false);
    }

    @Test
    void anAppendThatIsUnderWayKeepsTheJournalOpen() throws InterruptedException {
        Thread follower = Thread.ofPlatform().daemon().start(this::append);
        assertThat(slow.begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

        assertThat(peer.tryClose()).isFalse();
        assertThat(slow.isClosed).isFalse();

        slow.goOn.countDown();
        follower.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        assertThat(peer.tryClose()).isTrue();
        assertThat(slow.isClosed).isTrue();
    }

    @Test
    void whoHasLeftAppendsNoMore() throws InterruptedException {
        slow.goOn.countDown();
        assertThat(peer.tryClose()).isTrue();

        assertThatThrownBy(this::append).isInstanceOf(JournalException.class);
        assertThat(slow.begun.getCount()).isOne();
    }

    @Test
    void whatComesLateShowsForAWhile() {
        slow.goOn.countDown();
        peer.batch(new UnsafeBuffer(new byte[8]), 0, 8, new Position(0, 1, 1), PeerJournal.BEHIND_SECONDS);
        assertThat(peer.isBehind(System.nanoTime())).isFalse();

        peer.batch(new UnsafeBuffer(new byte[8]), 0, 8, new Position(0, 1, 2), PeerJournal.BEHIND_SECONDS + 1);
        assertThat(peer.isBehind(System.nanoTime())).isTrue();
    }

    @Test
    void whatWaitsForLongIsBehind() {
        slow.goOn.countDown();
        append();
        assertThat(peer.isBehind(System.nanoTime())).isFalse();
        assertThat(peer.isBehind(System.nanoTime() + LATER_NS)).isTrue();
    }

    /** Its appends take as long as they are told. */
    private static final class SlowJournal implements Journal {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);
        private volatile boolean isClosed;

        @Override
        public long append(DirectBuffer buffer, int offset, int length) {
            begun.countDown();
            try {
                assertThat(goOn.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return 0;
        }

        @Override
        public JournalReader reader() {
            return new MemoryJournal(1, 1).reader();
        }

        @Override
        public void deleteBefore(long index) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void whenOnDisk(Runnable then) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long bytesOnDisk() {
            return 0;
        }

        @Override
        public List<String> problems() {
            return List.of();
        }

        @Override
        public void close() {
            isClosed = true;
        }
    }
}
