package io.l4lb.warmup;

import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.worker.WorkerLoop;
import java.util.List;
import java.util.function.Supplier;

/**
 * Packets in rounds: of {@value #ROUNDS_A_CYCLE}, all but one of established flows in full bursts, which decides how the
 * compiler lays the code out; one of everything else, so that no way is left uncompiled. One thread.
 */
final class Rounds {
    private static final int ROUNDS_A_CYCLE = 16;
    /** One burst less than a turn takes, so that each ends with an empty one. */
    private static final int ROUND_PACKETS = (WorkerLoop.TURN_PASSES - 1) * 32;
    /** Of the odd rounds; then so much is sent before the ring is emptied that it is full. */
    private static final int FULL_EVERY = 16;

    private final LoopDevice device;
    private final SyntheticTraffic traffic;
    private final WorkerLoop steady;
    private final WorkerLoop odd;
    private final List<ForwardingTable> tables;
    private long count;
    private long oddCount;
    private long packets;

    /** {@code tables}: what the odd worker forwards by, in turns. */
    Rounds(
            LoopDevice device,
            SyntheticTraffic traffic,
            WorkerLoop steady,
            WorkerLoop odd,
            List<ForwardingTable> tables) {
        this.device = device;
        this.traffic = traffic;
        this.steady = steady;
        this.odd = odd;
        this.tables = List.copyOf(tables);
    }

    void run() {
        if (++count % ROUNDS_A_CYCLE == 0) {
            runOdd();
        } else {
            device.feed(traffic::established, ROUND_PACKETS);
            packets += ROUND_PACKETS;
            steady.turn();
            device.drain();
        }
    }

    private void runOdd() {
        if (oddCount % 2 == 0) {
            odd.swap(tables.get((int) (oddCount / 2 % tables.size())));
        }
        runOdd(traffic::anything, traffic.upTo(ROUND_PACKETS));
        if (oddCount++ % FULL_EVERY == 0) {
            runOdd(traffic::established, ROUND_PACKETS);
            runOdd(traffic::established, ROUND_PACKETS);
        }
        device.drain();
    }

    private void runOdd(Supplier<byte[]> frames, int size) {
        device.feed(frames, size);
        packets += size;
        odd.turn();
    }

    /** Takes everything out of the device. */
    void end() {
        steady.turn();
        device.drain();
    }

    /** {@return how many packets were sent in} */
    long packets() {
        return packets;
    }
}
