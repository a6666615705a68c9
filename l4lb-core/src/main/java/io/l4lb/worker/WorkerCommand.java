package io.l4lb.worker;

import io.l4lb.cid.CidDecoders;
import io.l4lb.forwarding.ForwardingTable;
import java.util.concurrent.CountDownLatch;

/** A message of the control side to a worker, carried out between two bursts; each takes a bounded time. */
public sealed interface WorkerCommand {
    /** Forward by {@code table} from now on, with decoders that the sender has made for this worker. */
    record SwapCommand(ForwardingTable table, CidDecoders decoders, TableSwap swap) implements WorkerCommand {}

    /** Poll other queues for an ethPort from now on; {@code done}: the last ones are out of use. */
    record EthPortCommand(int ethPort, WorkerEthPort queues, CountDownLatch done) implements WorkerCommand {}

    /** Look a flow up. */
    record FlowLookupCommand(FlowLookup lookup) implements WorkerCommand {}

    /** Count the flows in a part of the tables. */
    record FlowCountCommand(FlowCount count) implements WorkerCommand {}
}
