package io.l4lb.worker;

import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.pin.FlowInspection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A question to a worker about the flows in {@value #BUCKETS} buckets of its tables, and its answer. */
public final class FlowCount {
    /** 64 KiB of the tables: some 10 us when they are not in the cache, a burst or two. */
    public static final int BUCKETS = 1024;

    private final int from;
    private final CountDownLatch answered = new CountDownLatch(1);
    private final long[] byCode = new long[FlowStateDescriptor.CODES];
    private boolean last;

    /** @param from the first bucket */
    public FlowCount(int from) {
        this.from = from;
    }

    /** Worker thread. */
    void answer(FlowInspection flows, int tick) {
        last = flows.count(from, BUCKETS, tick, byCode);
        answered.countDown();
    }

    /** {@return whether the worker has answered within that time} */
    public boolean await(long timeout, TimeUnit unit) throws InterruptedException {
        return answered.await(timeout, unit);
    }

    /** {@return whether there is nothing behind these buckets} Once answered. */
    public boolean isLast() {
        return last;
    }

    /** {@return live flows of that {@link FlowStateDescriptor} code} Once answered. */
    public long flows(int code) {
        return byCode[code];
    }
}
