package io.l4lb.dpdk.eal;

import io.l4lb.dpdk.MbufPool;
import io.l4lb.dpdk.Mbufs;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;
import io.l4lb.dpdk.ethdev.EthDev;
import io.l4lb.dpdk.ethdev.EthDevConfig;
import io.l4lb.dpdk.testing.SharedEal;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * Sends a frame into one end of a veth pair through the kernel (net_af_packet on peer0), takes it out of the other
 * through net_af_xdp (on xdp0), sends it back and takes it out of the first. Prints "same" for each frame that came
 * back unchanged. To be run in a network namespace.
 */
final class AfXdpRoundTripProgram {
    private static final int FRAMES = 20;
    private static final int BURST = 32;
    private static final long TIMEOUT_NS = 5_000_000_000L;

    private AfXdpRoundTripProgram() {}

    public static void main(String[] arguments) {
        SplittableRandom random = new SplittableRandom(11);
        try (Eal eal = Eal.start(SharedEal.arguments());
                MbufPool pool = MbufPool.create("pool", 8191, 2176, MbufPool.ANY_SOCKET);
                NativeMemory burst = NativeMemory.allocate(BURST * 8, true);
                WorkerThread _ = WorkerThread.enter(OptionalInt.empty())) {
            EthDev xdp = started(eal, "net_af_xdp0,iface=xdp0", pool);
            EthDev peer = started(eal, "net_af_packet0,iface=peer0", pool);
            for (int i = 0; i < FRAMES; i++) {
                byte[] frame = frame(random);
                Mbufs.allocate(pool, burst.address(), 1);
                Mbufs.setFrame(Memory.getLong(burst.address()), frame);
                send(peer.txQueue(0), burst.address());
                await(xdp.rxQueue(0), pool, burst.address(), frame);
                send(xdp.txQueue(0), burst.address());
                await(peer.rxQueue(0), pool, burst.address(), frame);
                pool.release(burst.address(), 1);
                System.out.println("same");
            }
            System.out.println(
                    "xdp rx " + xdp.stats().rxPackets() + " tx " + xdp.stats().txPackets());
        }
    }

    private static EthDev started(Eal eal, String device, MbufPool pool) {
        EthDev dev = eal.attach(device);
        dev.configure(EthDevConfig.forWorkers(1, 1500, pool));
        dev.start();
        return dev;
    }

    /** A frame of EtherType 0x88b5 (for local experiments), 60 to 1514 bytes. */
    private static byte[] frame(SplittableRandom random) {
        byte[] frame = new byte[random.nextInt(60, 1515)];
        random.nextBytes(frame);
        frame[0] = 2;
        frame[6] = 2;
        frame[12] = (byte) 0x88;
        frame[13] = (byte) 0xb5;
        return frame;
    }

    private static void send(TxQueue txQueue, long burst) {
        if (txQueue.transmit(burst, 1) != 1) {
            throw new IllegalStateException("not sent");
        }
    }

    /** Receives until the frame is there and leaves its mbuf as the first of the burst; the kernel's own are freed. */
    private static void await(RxQueue rxQueue, MbufPool pool, long burst, byte[] frame) {
        long deadlineNs = System.nanoTime() + TIMEOUT_NS;
        while (System.nanoTime() - deadlineNs < 0) {
            if (rxQueue.receive(burst, 1) == 1) {
                if (Arrays.equals(Mbufs.frame(Memory.getLong(burst)), frame)) {
                    return;
                }
                pool.release(burst, 1);
            }
        }
        throw new IllegalStateException("the frame did not arrive");
    }
}
