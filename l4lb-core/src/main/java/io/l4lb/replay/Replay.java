package io.l4lb.replay;

import io.l4lb.config.FlowTableConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.CounterSnapshot;
import io.l4lb.counters.CounterSnapshots;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.dpdk.MbufPool;
import io.l4lb.dpdk.binding.DpdkException;
import io.l4lb.dpdk.eal.Eal;
import io.l4lb.dpdk.ethdev.EthDev;
import io.l4lb.dpdk.ethdev.EthDevConfig;
import io.l4lb.dpdk.ethdev.MbufTimestamp;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.net.MacAddress;
import io.l4lb.pin.Pin;
import io.l4lb.worker.Worker;
import io.l4lb.worker.WorkerEthPort;
import io.l4lb.worker.WorkerTerms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * Runs a capture through a worker: the same stages, tables and counters as a node's, over DPDK's pcap device. One worker,
 * time from the capture. Cold; one replay at a time in a process.
 */
public final class Replay {
    /** The pcap device's own; fixed, so that every replay of a capture gives the same bytes. */
    public static final MacAddress ETH_PORT_MAC =
            MacAddress.parse("02:70:63:61:70:00").orElseThrow();

    /** Two bursts and what the pool's cache holds back, many times over; what a worker may hold of fragments comes on top. */
    private static final int MBUFS = 1023;

    private static final int HEADROOM_BYTES = 128;
    private static final int DATA_ROOM_MIN_BYTES = 2048 + HEADROOM_BYTES;
    private static final int DATA_ROOM_MAX_BYTES = 65_535;
    private static final long NANOS_PER_MICRO = 1_000;
    /** Flow tables are as large as the configuration says but for what a capture can fill. */
    private static final int FLOWS_MIN = 1024;

    private static final AtomicInteger RUNS = new AtomicInteger();

    private final Eal eal;
    private final L4lbConfig config;
    private final LongConsumer progress;

    /**
     * @param eal started with {@link #ealArguments}
     * @param config the node's configuration, with a nextHop: replay has no kernel to ask
     * @param progress told now and then how many packets have been taken
     */
    public Replay(Eal eal, L4lbConfig config, LongConsumer progress) {
        this.eal = eal;
        this.config = config;
        this.progress = progress;
    }

    /** {@return what to start the EAL with: no huge pages, no root, no files left behind} */
    public static List<String> ealArguments() {
        return List.of("--no-huge", "--no-shconf", "--no-telemetry", "-m", "256");
    }

    /**
     * Replays.
     *
     * @param punt where what is not for a VIP goes; empty: it is dropped and counted so
     * @return the counters at the end
     * @throws PcapException when a file cannot be read or written
     */
    public CounterSnapshot run(Path in, Path out, Optional<Path> punt) throws PcapException {
        PcapScan scan = PcapScan.of(in);
        OutputFiles.check(in, Stream.concat(Stream.of(out), punt.stream()).toList());
        try {
            Path scratch = Files.createTempDirectory("l4lb-replay");
            try {
                return run(new RunFiles(in, out, punt, scratch), scan);
            } finally {
                deleteAll(scratch);
            }
        } catch (IOException e) {
            throw new PcapException("replay needs room for temporary files: " + e.getMessage(), e);
        }
    }

    /** The files of one run; the device reads and writes under plain names in {@code scratch}, as its own syntax has commas. */
    private record RunFiles(Path in, Path out, Optional<Path> punt, Path scratch) {
        Path link() throws IOException {
            return Files.createSymbolicLink(scratch.resolve("in"), in.toAbsolutePath());
        }

        /** {@return what libpcap has against the capture, where {@link PcapScan} had nothing; empty: it is something else} */
        Optional<PcapException> refusal(DpdkException e) {
            String opening = "Couldn't open " + scratch.resolve("in") + ": ";
            return e.logLines().stream()
                    .filter(line -> line.contains(opening))
                    .map(line -> line.substring(line.indexOf(opening) + opening.length()))
                    .map(reason -> new PcapException(in + ": cannot be read: " + reason, e))
                    .findFirst();
        }

        Path sent() {
            return scratch.resolve("out");
        }

        Path punted() {
            return scratch.resolve("punt");
        }
    }

    private CounterSnapshot run(RunFiles files, PcapScan scan) throws IOException, PcapException {
        int number = RUNS.getAndIncrement();
        int dataRoom =
                Math.clamp((long) scan.maxFrameBytes() + HEADROOM_BYTES, DATA_ROOM_MIN_BYTES, DATA_ROOM_MAX_BYTES);
        String device = "net_pcap_replay" + number + ",rx_pcap=" + files.link() + ",tx_pcap=" + files.sent();
        CounterSnapshot counters;
        CaptureTxQueue sent;
        Optional<CaptureTxQueue> punted;
        try (MbufPool pool = MbufPool.create(
                        "replay" + number,
                        MBUFS + config.dataplane().fragments().heldPackets(),
                        dataRoom,
                        MbufPool.ANY_SOCKET);
                EthDev edge = start(device, pool);
                EthDev kernelSide = files.punt().isPresent()
                        ? start("net_pcap_punt" + number + ",tx_pcap=" + files.punted(), pool)
                        : null;
                CaptureRxQueue received = new CaptureRxQueue(edge.rxQueue(0), timestampOffset())) {
            sent = new CaptureTxQueue(edge.txQueue(0), timestampOffset());
            punted =
                    Optional.ofNullable(kernelSide).map(side -> new CaptureTxQueue(side.txQueue(0), timestampOffset()));
            counters = forward(new WorkerEthPort(received, sent, punted.orElse(null), pool), received, pool);
        } catch (DpdkException e) {
            throw files.refusal(e).orElseThrow(() -> e);
        }
        long lost = scan.packets() - counters.total(WorkerCounter.RX_PACKETS);
        if (lost != 0) {
            throw new PcapException(
                    files.in() + ": DPDK's pcap device gave " + lost + " packets fewer than the file holds");
        }
        PcapRetime.copy(files.sent(), sent.timesMicros(), files.out());
        if (punted.isPresent()) {
            PcapRetime.copy(
                    files.punted(), punted.get().timesMicros(), files.punt().orElseThrow());
        }
        return counters;
    }

    private EthDev start(String device, MbufPool pool) {
        EthDev ethDev = eal.attach(device);
        ethDev.configure(EthDevConfig.forWorkers(1, 0, pool));
        ethDev.start();
        return ethDev;
    }

    private static int timestampOffset() {
        return MbufTimestamp.offset()
                .orElseThrow(() ->
                        new IllegalStateException("DPDK's pcap device gives no time stamps; 22.11 or newer does"));
    }

    private CounterSnapshot forward(WorkerEthPort ethPort, CaptureRxQueue received, MbufPool pool) {
        ForwardingNumbers numbers = new ForwardingNumbers();
        Optional<MacAddress> nextHop = config.dataplane().nextHop();
        ForwardingTable table = new ForwardingTableBuilder(config, numbers, List.of(ETH_PORT_MAC), address -> nextHop)
                .forWorkers(1)
                .build();
        FlowTableConfig flows = config.dataplane().flowTable();
        WorkerTerms terms = WorkerTerms.ofNode(config.dataplane(), 0);
        Pin pin = new Pin(
                Math.max(flows.flows(), FLOWS_MIN),
                false,
                false,
                new FlowTimeouts(flows.tcpIdleSeconds(), flows.udpIdleSeconds()),
                Optional.empty(),
                terms.newFlowLimit());
        Worker worker = new Worker(List.of(ethPort), pool, terms, pin, table);
        try {
            long packets = 0;
            while (received.advance()) {
                packets += worker.doWork(received.nowMicros() * NANOS_PER_MICRO);
                progress.accept(packets);
            }
            worker.dropHeld(); // what has not come by now never comes
            return CounterSnapshots.live(config, numbers, List.of(worker.counters()), List.of(worker.traffic()));
        } finally {
            worker.close();
            table.close();
        }
    }

    private static void deleteAll(Path directory) {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
