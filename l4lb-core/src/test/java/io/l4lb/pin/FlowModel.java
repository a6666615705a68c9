package io.l4lb.pin;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.flow.FlowEvent;
import io.l4lb.flow.FlowHash;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.MaglevTables;
import io.l4lb.hash.MaglevTable;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import io.l4lb.pin.PinRig.Flow;
import java.util.HashMap;
import java.util.Map;

/** The flow table's words as a map without bounds: slow, times in whole ticks that never wrap. */
final class FlowModel {
    private enum State {
        HALF_OPEN,
        UNPROVEN,
        CLOSING,
        ESTABLISHED
    }

    private static final class Entry {
        IpAddress backend;
        State state;
        long lastSeen;
    }

    private final Map<Flow, Entry> entries = new HashMap<>();
    private final long tcpIdleTicks;
    private final long udpIdleTicks;
    private final long halfOpenIdleTicks;
    private final long closingIdleTicks;
    private L4lbConfig config;
    private MaglevTable maglev;
    long hits;
    long misses;
    long repins;

    FlowModel(L4lbConfig config) {
        int tcpSeconds = config.dataplane().flowTable().tcpIdleSeconds();
        tcpIdleTicks = ticks(tcpSeconds);
        udpIdleTicks = ticks(config.dataplane().flowTable().udpIdleSeconds());
        halfOpenIdleTicks = ticks(Math.min(tcpSeconds, 75));
        closingIdleTicks = ticks(Math.min(tcpSeconds, 240));
        reload(config);
    }

    /** A flow may be idle for that time and, as time comes in ticks of 0.268 s, up to two ticks longer. */
    private static long ticks(int seconds) {
        return (long) Math.ceil(seconds * 1e9 / (1 << 28)) + 1;
    }

    void reload(L4lbConfig next) {
        config = next;
        maglev = MaglevTables.configured(next.pools().getFirst());
    }

    /** {@return the backend that a packet goes to; null: none} */
    IpAddress packet(Flow flow, int event, long tick) {
        Entry entry = entries.get(flow);
        boolean anew = entry == null
                || tick - entry.lastSeen > idleTicks(flow, entry.state)
                || (event == FlowEvent.OPEN && entry.state == State.CLOSING);
        if (anew) {
            boolean expired = entry == null || tick - entry.lastSeen > idleTicks(flow, entry.state);
            boolean stays =
                    !expired && backends().anyMatch(each -> each.address().equals(entry.backend) && each.weight() > 0);
            return begin(flow, event, tick, stays ? entry.backend : choose(flow));
        }
        if (backends().noneMatch(backend -> backend.address().equals(entry.backend))) {
            IpAddress other = choose(flow);
            if (other == null) {
                return null;
            }
            repins++;
            entry.backend = other;
        } else {
            hits++;
        }
        entry.state = next(entry.state, event);
        entry.lastSeen = tick;
        return entry.backend;
    }

    /** {@return how many flows have not been idle for too long} */
    long liveCount(long tick) {
        return entries.entrySet().stream()
                .filter(each -> tick - each.getValue().lastSeen <= idleTicks(each.getKey(), each.getValue().state))
                .count();
    }

    private IpAddress begin(Flow flow, int event, long tick, IpAddress backend) {
        if (backend == null) {
            return null;
        }
        misses++;
        Entry entry = new Entry();
        entry.backend = backend;
        entry.lastSeen = tick;
        entry.state = isUdp(flow.vip())
                ? State.UNPROVEN
                : switch (event) {
                    case FlowEvent.OPEN -> State.HALF_OPEN;
                    case FlowEvent.CLOSE -> State.CLOSING;
                    default -> State.UNPROVEN;
                };
        entries.put(flow, entry);
        return backend;
    }

    private static State next(State state, int event) {
        return switch (event) {
            case FlowEvent.OPEN -> state == State.UNPROVEN ? State.HALF_OPEN : state;
            case FlowEvent.CLOSE -> State.CLOSING;
            default -> state == State.CLOSING ? State.CLOSING : State.ESTABLISHED;
        };
    }

    private long idleTicks(Flow flow, State state) {
        if (isUdp(flow.vip())) {
            return udpIdleTicks;
        }
        return switch (state) {
            case HALF_OPEN -> halfOpenIdleTicks;
            case CLOSING -> closingIdleTicks;
            case UNPROVEN, ESTABLISHED -> tcpIdleTicks;
        };
    }

    private static boolean isUdp(VipConfig vip) {
        return vip.protocol() == Protocol.UDP;
    }

    private java.util.stream.Stream<BackendConfig> backends() {
        return config.pools().getFirst().backends().stream();
    }

    private IpAddress choose(Flow flow) {
        if (maglev.isEmpty()) {
            return null;
        }
        long seed = ForwardingNumbers.VipKey.of(flow.vip()).seed();
        long hash = flow.vip().address().ipv6()
                ? FlowHash.ipv6(flow.high(), flow.low(), flow.l4Ports(), seed)
                : FlowHash.ipv4((flow.low() << 32) | Integer.toUnsignedLong(flow.l4Ports()), seed);
        int slot = MaglevTable.slotOf(hash, maglev.slotCount());
        return config.pools().getFirst().backends().get(maglev.backendAt(slot)).address();
    }
}
