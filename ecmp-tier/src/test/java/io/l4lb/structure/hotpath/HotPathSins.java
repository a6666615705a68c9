package io.l4lb.structure.hotpath;

import io.l4lb.dpdk.MbufRelease;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.RxQueue;
import java.lang.invoke.MethodHandle;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One method per sin, for {@link HotPathTest} to show that each is found; and two that are innocent. */
final class HotPathSins {
    private static final Logger LOG = LoggerFactory.getLogger(HotPathSins.class);

    private final int[] numbers = new int[8];
    private final MethodHandle handle;
    private final RxQueue rxQueue;
    private final MbufRelease release;
    private final IllegalStateException broken = new IllegalStateException();
    private Object kept = "";
    private long sum;

    HotPathSins(MethodHandle handle, RxQueue rxQueue, MbufRelease release) {
        this.handle = handle;
        this.rxQueue = rxQueue;
        this.release = release;
    }

    void innocent() {
        int count = rxQueue.receive(0, 8);
        assert count <= 8 : "received " + count;
        for (int i = 0; i < numbers.length; i++) {
            sum += Integer.toUnsignedLong(numbers[i]) + Math.max(Memory.getLong(sum), Short.reverseBytes((short) i));
        }
        release.release(sum, count);
    }

    void innocentDeepDown() {
        innocent();
    }

    void newObject() {
        kept = new Object();
    }

    void newArray() {
        kept = new long[1];
    }

    void newArrayOfArrays() {
        kept = new long[1][1];
    }

    void arrayClone() {
        kept = numbers.clone();
    }

    void varargs() {
        sum += first(numbers, numbers);
    }

    private static int first(int[]... all) {
        return all[0][0];
    }

    void lambda() {
        long captured = sum;
        IntUnaryOperator operator = x -> x + (int) captured;
        kept = operator;
    }

    void lock() {
        synchronized (numbers) {
            sum++;
        }
    }

    synchronized void synchronizedMethod() {
        sum++;
    }

    void exception() {
        if (sum < 0) {
            throw broken;
        }
    }

    void boxing() {
        kept = sum;
    }

    void unboxing() {
        sum += (Integer) kept;
    }

    void stringConstant() {
        kept = "burst";
    }

    void stringCall() {
        sum += ((String) kept).length();
    }

    void concatenation() {
        kept = kept + "!" + sum;
    }

    void iterator() {
        for (Iterator<?> all = ((List<?>) kept).iterator(); all.hasNext(); all.next()) {
            sum++;
        }
    }

    void logging() {
        LOG.warn(null);
    }

    void clock() {
        sum = System.nanoTime();
    }

    void reflection() {
        kept = kept.getClass();
    }

    void outsideCall() {
        Thread.onSpinWait();
    }

    void exactArithmetic() {
        sum = Math.addExact(sum, 1);
    }

    void looseHandle() {
        kept = handle;
    }

    interface Stage {
        void run();
    }

    record AddingStage(HotPathSins target) implements Stage {
        @Override
        public void run() {
            target.sum++;
        }
    }

    private final Stage stage = new AddingStage(this);

    void ownInterface() {
        stage.run();
    }

    void interfaceCallPerPacket() {
        for (int i = 0; i < numbers.length; i++) {
            release.release(sum, 1);
        }
    }

    void interfaceCallPerPacketDeepDown() {
        for (int i = 0; i < numbers.length; i++) {
            giveBack();
        }
    }

    private void giveBack() {
        release.release(sum, 1);
    }

    abstract static class Table {
        abstract Object entry();
    }

    static final class AllocatingTable extends Table {
        @Override
        Object entry() {
            return new Object();
        }
    }

    private final Table table = new AllocatingTable();

    void overridden() {
        kept = table.entry();
    }

    void tooLarge() {
        for (int i = 0; i < numbers.length; i++) {
            large(i);
        }
    }

    void largePerBurst() {
        large(0);
    }

    private void large(int i) {
        int[] n = numbers;
        n[i] = (n[0] * 31 + n[1] * 37) ^ ((n[2] * 41 + n[3] * 43) + (n[4] * 47 + n[5] * 53) ^ (n[6] * 59 + n[7] * 61));
        n[i] = (n[1] * 31 + n[2] * 37) ^ ((n[3] * 41 + n[4] * 43) + (n[5] * 47 + n[6] * 53) ^ (n[7] * 59 + n[0] * 61));
        n[i] = (n[2] * 31 + n[3] * 37) ^ ((n[4] * 41 + n[5] * 43) + (n[6] * 47 + n[7] * 53) ^ (n[0] * 59 + n[1] * 61));
        n[i] = (n[3] * 31 + n[4] * 37) ^ ((n[5] * 41 + n[6] * 43) + (n[7] * 47 + n[0] * 53) ^ (n[1] * 59 + n[2] * 61));
        n[i] = (n[4] * 31 + n[5] * 37) ^ ((n[6] * 41 + n[7] * 43) + (n[0] * 47 + n[1] * 53) ^ (n[2] * 59 + n[3] * 61));
        n[i] = (n[5] * 31 + n[6] * 37) ^ ((n[7] * 41 + n[0] * 43) + (n[1] * 47 + n[2] * 53) ^ (n[3] * 59 + n[4] * 61));
        n[i] = (n[6] * 31 + n[7] * 37) ^ ((n[0] * 41 + n[1] * 43) + (n[2] * 47 + n[3] * 53) ^ (n[4] * 59 + n[5] * 61));
    }
}
