package io.l4lb.worker;

import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.pin.FlowKey;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A question to a worker about one flow, and its answer: two cache lines of its table. */
public final class FlowLookup {
    private final FlowKey flow;
    private final CountDownLatch answered = new CountDownLatch(1);
    private long state;
    private int idleTicks;

    public FlowLookup(FlowKey flow) {
        this.flow = flow;
    }

    FlowKey flow() {
        return flow;
    }

    /** Worker thread. */
    void answer(long word, int tick) {
        state = word;
        idleTicks = FlowStateDescriptor.age(word, tick);
        answered.countDown();
    }

    /** {@return whether the worker has answered within that time} */
    public boolean await(long timeout, TimeUnit unit) throws InterruptedException {
        return answered.await(timeout, unit);
    }

    /** {@return the flow's {@link FlowStateDescriptor} word; 0: it is not pinned here} Once answered. */
    public long state() {
        return state;
    }

    /** {@return time since its last packet, to a tick} Once answered. */
    public double idleSeconds() {
        return FlowStateDescriptor.seconds(idleTicks);
    }
}
