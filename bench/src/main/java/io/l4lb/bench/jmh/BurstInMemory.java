package io.l4lb.bench.jmh;

import io.l4lb.bench.contender.FlowCapture;
import io.l4lb.bench.shape.BenchSite;
import io.l4lb.burst.Burst;
import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.MbufRelease;
import io.l4lb.dpdk.Mbufs;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One burst of {@link Burst#CAPACITY} packets, each another flow to the VIP of {@link BenchSite}, in mbufs of native memory: a
 * queue that gives the same packets for ever, and takes them back. Not DPDK's: its driver is no part of a stage.
 *
 * <p>{@link #receive} puts back what a pass has changed: the Ethernet header, on which the outer header was written, and
 * the three fields of the mbuf. One thread.
 */
final class BurstInMemory implements RxQueue, TxQueue, MbufRelease, AutoCloseable {
    private static final int HEADROOM_BYTES = 128;
    private static final int ROOM_BYTES = 256;
    private static final int CELL_BYTES = MbufDescriptor.LENGTH_BYTES + HEADROOM_BYTES + ROOM_BYTES;
    private static final int FRAME_BYTES = 60;
    private static final int PCAP_FILE_HEADER_BYTES = 24;
    private static final int PCAP_RECORD_HEADER_BYTES = 16;
    private static final int PCAP_LENGTH_OFFSET = 8;

    private final NativeMemory memory = NativeMemory.allocate((long) Burst.CAPACITY * CELL_BYTES, true);
    private final NativeMemory before = NativeMemory.allocate((long) Burst.CAPACITY * CELL_BYTES, true);

    BurstInMemory(boolean ipv6) {
        ByteBuffer capture = capture(ipv6).position(PCAP_FILE_HEADER_BYTES);
        for (int i = 0; i < Burst.CAPACITY; i++) {
            byte[] frame = new byte[capture.getInt(capture.position() + PCAP_LENGTH_OFFSET)];
            capture.position(capture.position() + PCAP_RECORD_HEADER_BYTES).get(frame);
            put(mbuf(i), frame);
        }
        Memory.copy(memory.address(), before.address(), memory.lengthBytes());
    }

    private static ByteBuffer capture(boolean ipv6) {
        try {
            Path directory = Files.createTempDirectory("l4lb-jmh");
            Path file = FlowCapture.of(directory, Burst.CAPACITY, ipv6, 1, FRAME_BYTES);
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            Files.delete(file);
            Files.delete(directory);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void put(long mbuf, byte[] frame) {
        Memory.putLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET, mbuf + MbufDescriptor.LENGTH_BYTES);
        Memory.putShort(mbuf + MbufDescriptor.BUF_LEN_OFFSET, (short) (HEADROOM_BYTES + ROOM_BYTES));
        Memory.putShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET, (short) HEADROOM_BYTES);
        Memory.putShort(mbuf + MbufDescriptor.REFCNT_OFFSET, (short) 1);
        Memory.putShort(mbuf + MbufDescriptor.NB_SEGS_OFFSET, (short) 1);
        Mbufs.setFrame(mbuf, frame);
    }

    private long mbuf(int i) {
        return memory.address() + (long) i * CELL_BYTES;
    }

    /** Puts the packets back as they came. */
    void restore() {
        Memory.copy(before.address(), memory.address(), memory.lengthBytes());
    }

    /** {@return the frame of a packet, as it is now} */
    byte[] frame(int i) {
        return Mbufs.frame(mbuf(i));
    }

    /** Gives the packets without putting anything back. */
    int give(long mbufArrayAddress) {
        for (int i = 0; i < Burst.CAPACITY; i++) {
            Memory.putLong(mbufArrayAddress + ((long) i << 3), mbuf(i));
        }
        return Burst.CAPACITY;
    }

    @Override
    public int receive(long mbufArrayAddress, int capacity) {
        restore();
        return give(mbufArrayAddress);
    }

    @Override
    public int transmit(long mbufArrayAddress, int count) {
        return count;
    }

    @Override
    public void release(long mbufArrayAddress, int count) {
        throw new IllegalStateException(count + " packets were dropped: this burst has none to drop");
    }

    @Override
    public void close() {
        memory.close();
        before.close();
    }
}
