package io.l4lb.peer.group;

import io.l4lb.peer.Ending;
import io.l4lb.peer.Session;
import io.l4lb.peer.link.Link;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Supplier;

/** Drives a session over a link until it ends; on the caller's thread. */
final class Conversation {
    /** The last word is not waited for any longer. */
    private static final long FAREWELL_NS = 200_000_000L;

    /** How a thread waits when there is nothing to do, and hears at once of bytes or of the end if it can. */
    interface Idle {
        void after(int work) throws IOException;
    }

    private Conversation() {}

    /** {@return whether the handshake was done before {@code deadlineNs} and before {@code stop} gave a reason} */
    static boolean handshake(Link link, Idle idle, Supplier<Optional<Ending>> stop, long deadlineNs)
            throws IOException {
        while (!link.handshake()) {
            if (stop.get().isPresent() || System.nanoTime() - deadlineNs > 0) {
                return false;
            }
            idle.after(0);
        }
        return true;
    }

    /** {@return why it ended} */
    static Ending run(Link link, Session side, Idle idle, Supplier<Optional<Ending>> stop) throws IOException {
        while (side.ending().isEmpty()) {
            stop.get().ifPresent(side::end);
            idle.after(step(link, side));
        }
        long deadlineNs = System.nanoTime() + FAREWELL_NS;
        while ((side.output().hasRemaining() || !link.flush()) && System.nanoTime() - deadlineNs < 0) {
            link.write(side.output());
            idle.after(0);
        }
        return side.ending().get();
    }

    private static int step(Link link, Session side) throws IOException {
        ByteBuffer input = side.input();
        int length = link.read(input);
        long nowNs = System.nanoTime();
        if (length > 0) {
            side.received(length, nowNs);
        } else if (length < 0) {
            side.end(Ending.CLOSED);
        }
        int work = side.poll(nowNs);
        int pending = side.output().remaining();
        link.write(side.output());
        return Math.max(length, 0) + work + pending - side.output().remaining();
    }
}
