package io.l4lb.dpdk.ethdev;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.dpdk.MbufPool;
import io.l4lb.dpdk.Mbufs;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;
import io.l4lb.dpdk.eal.Eal;
import io.l4lb.dpdk.testing.PcapFile;
import io.l4lb.dpdk.testing.SharedEal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapDeviceTest {
    private static final int BURST = 32;
    private static final int PACKETS = 1000;

    @TempDir
    private Path folder;

    private final Eal eal = SharedEal.get();
    private final SplittableRandom random = new SplittableRandom(7);

    @Test
    void framesComeOutOfADeviceAsTheyWentIn() throws IOException {
        List<PcapFile.Packet> sent = randomPackets();
        PcapFile.write(folder.resolve("in.pcap"), sent);
        int number = SharedEal.unique();
        String device = "net_pcap" + number + ",rx_pcap=" + folder.resolve("in.pcap") + ",tx_pcap="
                + folder.resolve("out.pcap");
        try (MbufPool pool = MbufPool.create("pcap" + number, 511, 2176, MbufPool.ANY_SOCKET);
                EthDev dev = eal.attach(device);
                NativeMemory burst = NativeMemory.allocate(BURST * 8, true)) {
            EthDevSettings settings = dev.configure(EthDevConfig.forWorkers(1, 1500, pool));
            assertThat(settings.rxQueues()).isEqualTo(1);
            dev.start();
            assertThat(forward(dev, burst.address())).isEqualTo(PACKETS);
            EthStats stats = dev.stats();
            assertThat(stats.rxPackets()).isEqualTo(PACKETS);
            assertThat(stats.txPackets()).isEqualTo(PACKETS);
            assertThat(stats.rxBytes()).isEqualTo(bytes(sent)).isEqualTo(stats.txBytes());
            assertThat(dev.link().up()).isTrue();
            assertThat(dev.macAddress()).startsWith(2, 'p', 'c', 'a', 'p');
            assertThat(dev.info().driverName()).isEqualTo("net_pcap");
            dev.stop();
            assertThat(pool.available()).isEqualTo(pool.count());
        }
        assertThat(frames(PcapFile.read(folder.resolve("out.pcap")))).containsExactlyElementsOf(frames(sent));
    }

    @Test
    void captureTimeIsInTheMbufInMicroseconds() throws IOException {
        List<PcapFile.Packet> sent = randomPackets();
        PcapFile.write(folder.resolve("in.pcap"), sent);
        int number = SharedEal.unique();
        try (MbufPool pool = MbufPool.create("time" + number, 511, 2176, MbufPool.ANY_SOCKET);
                EthDev dev = eal.attach("net_pcap" + number + ",rx_pcap=" + folder.resolve("in.pcap"));
                NativeMemory burst = NativeMemory.allocate(BURST * 8, true)) {
            dev.configure(EthDevConfig.forWorkers(1, 0, pool));
            dev.start();
            int offset = MbufTimestamp.offset().orElseThrow();
            RxQueue rxQueue = dev.rxQueue(0);
            int count = rxQueue.receive(burst.address(), BURST);
            assertThat(count).isEqualTo(BURST);
            for (int i = 0; i < count; i++) {
                long mbuf = Memory.getLong(burst.address() + i * 8L);
                assertThat(Memory.getLong(mbuf + offset)).isEqualTo(sent.get(i).timeUs());
                assertThat(Mbufs.frame(mbuf)).isEqualTo(sent.get(i).frame());
            }
            pool.release(burst.address(), count);
            assertThat(pool.available()).isEqualTo(pool.count());
        }
    }

    private static int forward(EthDev dev, long burst) {
        RxQueue rxQueue = dev.rxQueue(0);
        TxQueue txQueue = dev.txQueue(0);
        int total = 0;
        for (int count = rxQueue.receive(burst, BURST); count > 0; count = rxQueue.receive(burst, BURST)) {
            assertThat(txQueue.transmit(burst, count)).isEqualTo(count);
            total += count;
        }
        return total;
    }

    private List<PcapFile.Packet> randomPackets() {
        List<PcapFile.Packet> packets = new ArrayList<>();
        for (int i = 0; i < PACKETS; i++) {
            byte[] frame = new byte[random.nextInt(14, 1515)];
            random.nextBytes(frame);
            packets.add(new PcapFile.Packet(1_700_000_000_123_456L + i * 1_000_017L, frame));
        }
        return packets;
    }

    private static List<byte[]> frames(List<PcapFile.Packet> packets) {
        return packets.stream().map(PcapFile.Packet::frame).toList();
    }

    private static long bytes(List<PcapFile.Packet> packets) {
        return packets.stream().mapToLong(packet -> packet.frame().length).sum();
    }
}
