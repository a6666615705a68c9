package io.l4lb.pin;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.flow.FlowHash;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import io.l4lb.testing.TestConfig;
import java.util.List;
import java.util.Optional;

/** Pin alone, one packet a burst unless gathered: what classify would have written is written by hand. */
final class PinRig implements AutoCloseable {
    static final int DROPPED = -1;

    /** Which client and L4 ports; IPv4 uses the low half of {@code low}. */
    record Flow(VipConfig vip, long high, long low, int l4Ports) {}

    final ForwardingNumbers numbers;
    final Pin pin;
    final Burst burst = new Burst();
    private ForwardingTable table;

    PinRig(L4lbConfig config) {
        this(config, new ForwardingNumbers(), Optional.empty());
    }

    PinRig(L4lbConfig config, ForwardingNumbers numbers, Optional<FlowTracker> tracker) {
        this.numbers = numbers;
        table = build(config);
        pin = new Pin(
                config.dataplane().flowTable().flows(),
                true,
                true,
                new FlowTimeouts(
                        config.dataplane().flowTable().tcpIdleSeconds(),
                        config.dataplane().flowTable().udpIdleSeconds()),
                tracker);
    }

    private ForwardingTable build(L4lbConfig config) {
        return new ForwardingTableBuilder(
                        config,
                        numbers,
                        List.of(new MacAddress(0x0200_0000_aa00L)),
                        _ -> Optional.of(TestConfig.NEXT_HOP))
                .build();
    }

    void reload(L4lbConfig next) {
        ForwardingTable old = table;
        table = build(next);
        old.close();
    }

    FlowTableStatistics statistics() {
        return pin.statistics();
    }

    /** Puts a packet into the burst. */
    void gather(Flow flow, int event) {
        int i = burst.count++;
        int vip = numbers.vipNumber(flow.vip());
        long seed = table.vipSeeds()[vip];
        boolean ipv6 = flow.vip().address().ipv6();
        long low = ipv6 ? flow.low() : (flow.low() << 32) | Integer.toUnsignedLong(flow.l4Ports());
        Burst.verdict(burst.columns(), i, ipv6 ? Verdict.IPV6 : Verdict.IPV4);
        Burst.vip(burst.columns(), i, vip);
        Burst.event(burst.columns(), i, event);
        Burst.ports(burst.columns(), i, flow.l4Ports());
        Burst.clientHigh(burst.columns(), i, flow.high());
        Burst.clientLow(burst.columns(), i, low);
        Burst.hash(
                burst.columns(),
                i,
                ipv6 ? FlowHash.ipv6(flow.high(), low, flow.l4Ports(), seed) : FlowHash.ipv4(low, seed));
        burst.toVipCount++;
    }

    boolean isFull() {
        return burst.count == Burst.CAPACITY;
    }

    /** Pins what has been gathered; the destinations are in the burst until the next {@link #gather}. */
    void run(int tick) {
        pin.run(burst, table, table.destinations(0), tick, (long) tick << FlowStateDescriptor.TICK_SHIFT);
        burst.count = 0;
        burst.toVipCount = 0;
    }

    /** {@return the destination's index, or {@link #DROPPED}} */
    int packet(Flow flow, int event, int tick) {
        gather(flow, event);
        run(tick);
        return Burst.verdict(burst.columns(), 0) >= Verdict.DROP ? DROPPED : Burst.destination(burst.columns(), 0);
    }

    /** {@return the backend's address} */
    IpAddress backend(Flow flow, int event, int tick) {
        return numbers.destinations().get(packet(flow, event, tick)).backend();
    }

    @Override
    public void close() {
        pin.close();
        burst.close();
        table.close();
    }
}
