package io.l4lb.warmup;

import io.l4lb.config.DataplaneConfig;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.pin.Pin;
import io.l4lb.worker.Worker;
import io.l4lb.worker.WorkerTerms;
import java.util.List;

/** The workers of a warm-up: one whose flows stay, and one whose flow table is too small and forgets quickly. */
final class SyntheticWorkers {
    private static final int STEADY_FLOWS = 16_384;
    private static final int STEADY_SECONDS = 900;
    private static final int ODD_FLOWS = 1024;
    /** The shortest there is: flows expire while the warm-up lasts. */
    private static final int ODD_SECONDS = 1;

    /** Few and short, so that they are full and run out of time while the warm-up lasts, and the device keeps its mbufs. */
    private static final DataplaneConfig.Fragments FRAGMENTS = new DataplaneConfig.Fragments(64, 64, 1);

    private SyntheticWorkers() {}

    static Worker steady(LoopDevice device, ForwardingTable table, boolean withKernel) {
        return worker(device, table, STEADY_FLOWS, STEADY_SECONDS, withKernel);
    }

    static Worker odd(LoopDevice device, ForwardingTable table, boolean withKernel) {
        return worker(device, table, ODD_FLOWS, ODD_SECONDS, withKernel);
    }

    private static Worker worker(
            LoopDevice device, ForwardingTable table, int flows, int idleSeconds, boolean withKernel) {
        Pin pin = new Pin(flows, true, true, new FlowTimeouts(idleSeconds, idleSeconds));
        return new Worker(
                List.of(device.queues(withKernel)),
                device.release(),
                new WorkerTerms(
                        SyntheticSite.MTU_BYTES, DataplaneConfig.Limits.DEFAULT_ICMP_PER_SECOND, 0, FRAGMENTS, 0),
                pin,
                table);
    }
}
