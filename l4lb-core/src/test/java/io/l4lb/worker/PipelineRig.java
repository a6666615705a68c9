package io.l4lb.worker;

import io.l4lb.config.FlowTableConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.CounterSnapshot;
import io.l4lb.counters.CounterSnapshots;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.BackendUse;
import io.l4lb.forwarding.DestinationDescriptor;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.forwarding.MaglevTables;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import io.l4lb.pin.Pin;
import io.l4lb.testing.MemoryMbufs;
import io.l4lb.testing.MemoryRxQueue;
import io.l4lb.testing.MemorySink;
import io.l4lb.testing.TestConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A whole worker on memory queues: frames in, frames out; the clock is moved by hand. */
public final class PipelineRig implements AutoCloseable {
    static final int MBUFS = 512;
    /** As many as the fragments of a burst can be. */
    private static final int MORE_MBUFS = 256;

    private static final int FRAME_BYTES_MAX = 2048;

    /** The queues of one ethPort, and its MAC. */
    static final class EthPortRig {
        final MemoryRxQueue rxQueue = new MemoryRxQueue(MBUFS);
        final MemorySink txQueue = new MemorySink(MBUFS + MORE_MBUFS);
        final MemorySink puntQueue = new MemorySink(MBUFS);
        final MacAddress mac;

        EthPortRig(MacAddress mac) {
            this.mac = mac;
        }
    }

    final MemoryMbufs mbufs = new MemoryMbufs(MBUFS, FRAME_BYTES_MAX, MORE_MBUFS);
    final MemorySink released = new MemorySink(MBUFS + MORE_MBUFS);
    final List<EthPortRig> ethPorts = new ArrayList<>();
    final ForwardingNumbers numbers;
    private final MaglevTables maglevTables = new MaglevTables();
    private final Worker worker;
    private ForwardingTable table;
    private final boolean ownsTable;
    private L4lbConfig config;
    private final BitSet taken = new BitSet(MBUFS);

    /** One ethPort with a kernel's side. */
    public PipelineRig(L4lbConfig config) {
        this(config, 1, true);
    }

    public PipelineRig(L4lbConfig config, int ethPortCount, boolean withPuntQueue) {
        this(config, ethPortCount, withPuntQueue, Optional.empty());
    }

    /** Another worker of the same node, with the same table: neither may be given another from then on. */
    public PipelineRig(PipelineRig first) {
        this(first.config, first.ethPorts.size(), true, Optional.of(first));
    }

    private PipelineRig(L4lbConfig config, int ethPortCount, boolean withPuntQueue, Optional<PipelineRig> first) {
        this.config = config;
        numbers = first.map(rig -> rig.numbers).orElseGet(ForwardingNumbers::new);
        ownsTable = first.isEmpty();
        for (int i = 0; i < ethPortCount; i++) {
            ethPorts.add(new EthPortRig(new MacAddress(0x0200_0000_aa00L + i)));
        }
        table = first.map(rig -> rig.table).orElseGet(() -> build(config, BackendUse.CONFIGURED));
        FlowTableConfig flows = config.dataplane().flowTable();
        WorkerTerms terms = WorkerTerms.of(config.dataplane(), 0);
        FlowTimeouts timeouts = new FlowTimeouts(flows.tcpIdleSeconds(), flows.udpIdleSeconds());
        Pin pin = new Pin(flows.flows(), true, true, timeouts, Optional.empty(), terms.newFlowLimit());
        List<WorkerEthPort> queues = ethPorts.stream()
                .map(rig -> new WorkerEthPort(rig.rxQueue, rig.txQueue, withPuntQueue ? rig.puntQueue : null, mbufs))
                .toList();
        worker = new Worker(queues, released, terms, pin, table);
    }

    private ForwardingTable build(L4lbConfig from, BackendUse use) {
        return new ForwardingTableBuilder(
                        from,
                        numbers,
                        ethPorts.stream().map(rig -> rig.mac).toList(),
                        _ -> Optional.of(TestConfig.NEXT_HOP))
                .withUse(use, maglevTables)
                .after(Optional.ofNullable(table))
                .build();
    }

    /** Forwards by another configuration from now on. */
    public void reload(L4lbConfig next) {
        reload(next, BackendUse.CONFIGURED);
    }

    public void reload(L4lbConfig next, BackendUse use) {
        ForwardingTable old = table;
        table = build(next, use);
        worker.swap(table, table.newCidDecoders());
        old.close();
        config = next;
    }

    public void receive(byte[] frame) {
        receive(0, frame, MemoryMbufs.HEADROOM_BYTES);
    }

    /** Comes by that ethPort. */
    public void receive(int ethPort, byte[] frame) {
        receive(ethPort, frame, MemoryMbufs.HEADROOM_BYTES);
    }

    int receive(int ethPort, byte[] frame, int headroomBytes) {
        int index = taken.nextClearBit(0);
        taken.set(index);
        mbufs.setFrame(index, frame, frame.length, headroomBytes);
        ethPorts.get(ethPort).rxQueue.add(mbufs.address(index));
        return index;
    }

    /** {@return mbufs that nobody has given back}: received and not worked on, or held */
    public int heldMbufs() {
        takeBackAll();
        return taken.cardinality();
    }

    /** Works until nothing is left to receive. */
    public void work(long nowNs) {
        do {
            worker.doWork(nowNs);
        } while (ethPorts.stream().anyMatch(rig -> !rig.rxQueue.isEmpty()));
    }

    /** {@return the frames sent since last asked, when all mbufs come back} */
    public List<byte[]> takeSent() {
        List<byte[]> sent = frames(ethPorts.getFirst().txQueue);
        takeBackAll();
        return sent;
    }

    /** {@return the frames sent by that ethPort} */
    public List<byte[]> sent(int ethPort) {
        return frames(ethPorts.get(ethPort).txQueue);
    }

    /** {@return the frames that went to the kernel} */
    public List<byte[]> punted() {
        return frames(ethPorts.getFirst().puntQueue);
    }

    List<byte[]> frames(MemorySink sink) {
        List<byte[]> frames = new ArrayList<>();
        byte[] buffer = new byte[FRAME_BYTES_MAX + MemoryMbufs.HEADROOM_BYTES];
        for (int i = 0; i < sink.size(); i++) {
            int length = mbufs.copyFrame(mbufs.index(sink.mbuf(i)), buffer);
            frames.add(Arrays.copyOf(buffer, length));
        }
        return frames;
    }

    /** Has all mbufs back that left; allocates nothing. */
    public void takeBackAll() {
        for (int i = 0; i < ethPorts.size(); i++) {
            takeBack(ethPorts.get(i).txQueue);
            takeBack(ethPorts.get(i).puntQueue);
        }
        takeBack(released);
    }

    private void takeBack(MemorySink sink) {
        for (int i = 0; i < sink.size(); i++) {
            taken.clear(mbufs.index(sink.mbuf(i)));
        }
        sink.clear();
    }

    /** Has so many more mbufs for packets of the worker's own, then none. */
    public void moreMbufs(int count) {
        mbufs.room(count);
    }

    /** Sets the path MTU of all backends. */
    public void pathMtu(int mtu) {
        for (int i = 0; i < numbers.destinations().size(); i++) {
            long record = table.destinations(0) + ((long) i << DestinationDescriptor.LENGTH_SHIFT);
            DestinationDescriptor.lowerPathMtu(record, mtu, 1);
        }
    }

    /** Does something that another thread may do while the worker takes mbufs from the pool. */
    public void whenTaking(Runnable action) {
        mbufs.whenTaking(action);
    }

    /** The first ethPort takes so many more frames, then none. */
    public void txRoom(int count) {
        ethPorts.getFirst().txQueue.room(count);
    }

    /** {@return the frame that left instead of this one} */
    public byte[] forward(byte[] frame, long nowNs) {
        receive(frame);
        work(nowNs);
        List<byte[]> sent = takeSent();
        if (sent.size() != 1) {
            throw new AssertionError("expected one frame, sent " + sent.size());
        }
        return sent.getFirst();
    }

    public byte[] mac() {
        return ethPorts.getFirst().mac.bytes();
    }

    public CounterSnapshot snapshot() {
        return CounterSnapshots.live(config, numbers, List.of(worker.counters()), List.of(worker.traffic()));
    }

    /** {@return what an operator sees of the path to that backend} */
    public OptionalInt loweredPathMtu(String backend, long nowNs) {
        return table.loweredPathMtu(IpAddress.parse(backend).orElseThrow(), nowNs);
    }

    public long counter(WorkerCounter counter) {
        return worker.counters().get(counter);
    }

    public long drops(DropReason reason) {
        return worker.counters().drops(reason);
    }

    public Worker worker() {
        return worker;
    }

    @Override
    public void close() {
        worker.close();
        if (ownsTable) {
            table.close();
        }
        mbufs.close();
    }
}
