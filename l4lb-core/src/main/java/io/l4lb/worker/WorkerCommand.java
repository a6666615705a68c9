package io.l4lb.worker;

import io.l4lb.forwarding.ForwardingTable;

/** A message of the control side to a worker, carried out between two bursts; each takes a bounded time. */
public sealed interface WorkerCommand {
    /** Forward by {@code table} from now on. */
    record SwapCommand(ForwardingTable table, TableSwap swap) implements WorkerCommand {}

    /** Look a flow up. */
    record FlowLookupCommand(FlowLookup lookup) implements WorkerCommand {}

    /** Count the flows in a part of the tables. */
    record FlowCountCommand(FlowCount count) implements WorkerCommand {}
}
