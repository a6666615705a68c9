package io.l4lb.bench.simulation;

import io.l4lb.bench.simulation.Flow.Phase;
import io.l4lb.bench.simulation.Truth.Count;
import io.l4lb.flow.FlowEvent;
import io.l4lb.flow.FlowTimeouts;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.IntFunction;

/** What clients do: they connect, talk, fall silent for as long as the idle time allows, close or vanish, and use their ports again. */
final class Clients implements SimulatedNode.Packets {
    /** A worker trusts its own entry for 2.1 s: ports that are used again sooner, at another node, are not covered. */
    private static final long REUSE_NS = 2_300_000_000L;

    private static final long RETRY_NS = 300_000_000L;
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final int PACKETS_MAX = 60;
    /** Between two packets of a talking client, in steps. */
    private static final int TALK_STEPS = 60;

    private final Truth truth;
    private final Backends backends;
    private final SimulatedNode.Clock clock;
    private final SplittableRandom random;
    private final long stepNs;
    private final long idleNs;
    private final PriorityQueue<Due> due = new PriorityQueue<>();

    private record Due(long atNs, Flow flow) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            int order = Long.compare(atNs, other.atNs);
            return order != 0 ? order : Integer.compare(flow.id, other.flow.id);
        }
    }

    Clients(
            List<Flow> flows,
            Truth truth,
            Backends backends,
            SimulatedNode.Clock clock,
            SplittableRandom random,
            long stepNs,
            int idleSeconds) {
        this.truth = truth;
        this.backends = backends;
        this.clock = clock;
        this.random = random;
        this.stepNs = stepNs;
        this.idleNs = idleSeconds * NS_PER_SECOND;
        flows.forEach(flow -> next(flow, random.nextLong(TALK_STEPS * stepNs)));
    }

    private void next(Flow flow, long inNs) {
        due.add(new Due(clock.ns + inNs, flow));
    }

    /** Sends what is due, each packet to the node that {@code router} names for the flow; null: it is lost. */
    void send(IntFunction<SimulatedNode> router) {
        while (!due.isEmpty() && due.peek().atNs <= clock.ns) {
            Flow flow = due.poll().flow;
            if (isForgotten(flow)) {
                end(flow);
                continue;
            }
            long waitNs = flow.lastNs + pauseNs(flow) - clock.ns;
            if (flow.phase == Phase.NONE && flow.lastNs != 0 && waitNs > 0) {
                next(flow, waitNs); // its backend has gone
                continue;
            }
            SimulatedNode node = router.apply(flow.id);
            if (node == null) {
                next(flow, RETRY_NS + random.nextLong(RETRY_NS));
            } else {
                truth.count(Count.PACKETS);
                node.receive(flow, event(flow));
            }
        }
    }

    /** {@return whether the flow was silent for longer than nodes keep it} */
    private boolean isForgotten(Flow flow) {
        return flow.phase != Phase.NONE && clock.ns - flow.lastNs > limitNs(flow);
    }

    private long limitNs(Flow flow) {
        long limit = flow.phase == Phase.CLOSING
                ? Math.min(idleNs, FlowTimeouts.CLOSING_SECONDS_MAX * NS_PER_SECOND)
                : idleNs;
        return limit - limit / 16;
    }

    private static int event(Flow flow) {
        if (flow.phase == Phase.NONE && !flow.isUdp()) {
            return FlowEvent.OPEN;
        }
        return flow.phase == Phase.ESTABLISHED && flow.packetsLeft == 0 && !flow.isUdp()
                ? FlowEvent.CLOSE
                : FlowEvent.DATA;
    }

    @Override
    public void delivered(Flow flow, int event, SimulatedNode at, int backend) {
        if (flow.isJudged() && backend == SimulatedNode.DROPPED && !at.view().isUsable(flow.backend)) {
            next(flow, RETRY_NS); // not configured there yet: nothing is broken
            return;
        }
        flow.lastNs = clock.ns;
        switch (flow.phase) {
            case NONE -> {
                if (backend == SimulatedNode.DROPPED || !backends.isAlive(backend)) {
                    end(flow); // nobody answers
                } else {
                    flow.begin(backend);
                    flow.seen(at, at.placeOf(flow), clock.ns);
                    next(flow, random.nextLong(2 * stepNs));
                }
            }
            case OPENING -> {
                if (backend == flow.backend) {
                    flow.seen(at, at.placeOf(flow), clock.ns);
                    flow.phase = Phase.ESTABLISHED;
                    flow.packetsLeft = random.nextInt(PACKETS_MAX);
                    truth.count(Count.CONNECTIONS);
                    goOn(flow);
                } else {
                    end(flow); // the handshake met two nodes
                }
            }
            case ESTABLISHED, CLOSING -> {
                if (truth.judge(flow, at, backend)) {
                    flow.seen(at, at.placeOf(flow), clock.ns);
                    established(flow, event);
                } else {
                    end(flow);
                }
            }
        }
    }

    private void established(Flow flow, int event) {
        boolean isVanished = flow.packetsLeft == 0 && (flow.isUdp() || flow.phase == Phase.CLOSING);
        if (event == FlowEvent.CLOSE) {
            flow.phase = Phase.CLOSING;
            flow.packetsLeft = random.nextInt(4);
            goOn(flow);
        } else if (isVanished || random.nextInt(PACKETS_MAX * 8) == 0) {
            end(flow);
        } else {
            flow.packetsLeft--;
            goOn(flow);
        }
    }

    private void goOn(Flow flow) {
        boolean isSilent = random.nextInt(12) == 0;
        next(flow, isSilent ? random.nextLong(limitNs(flow)) : random.nextLong(TALK_STEPS * stepNs));
    }

    /** The connection is over; the client connects again after a while. */
    private void end(Flow flow) {
        flow.phase = Phase.NONE;
        next(flow, pauseNs(flow) + random.nextLong(TALK_STEPS * stepNs));
    }

    /** Of UDP nobody says when it ends: a new flow with the same ports begins when all have forgotten the old one. */
    private long pauseNs(Flow flow) {
        return REUSE_NS + (flow.isUdp() ? 2 * idleNs : 0);
    }

    /** Ends the connections of backends that are gone. */
    void backendsChanged(List<Flow> flows) {
        for (Flow flow : flows) {
            if (flow.phase != Phase.NONE && !backends.isAlive(flow.backend)) {
                if (flow.isJudged()) {
                    truth.count(Count.BACKEND_GONE);
                }
                // its next packet is due already, and will open a new connection when the client may
                flow.phase = Phase.NONE;
            }
        }
    }
}
