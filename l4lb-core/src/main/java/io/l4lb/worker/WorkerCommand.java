package io.l4lb.worker;

import io.l4lb.forwarding.ForwardingTable;
import java.util.concurrent.CountDownLatch;

/** A message of the control side to a worker, carried out between two bursts. */
public sealed interface WorkerCommand {
    /** Forward by {@code table} from now on; {@code done} is counted down when the old one is out of use. */
    record SwapCommand(ForwardingTable table, CountDownLatch done) implements WorkerCommand {}
}
