package io.l4lb.node.admin;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.explain.FlowBytes;
import io.l4lb.explain.FlowSpec;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingNumbers.Destination;
import io.l4lb.forwarding.ForwardingNumbers.VipKey;
import io.l4lb.hash.MaglevTable;
import io.l4lb.node.control.TablePublisher;
import io.l4lb.pin.FlowKey;
import io.l4lb.worker.FlowCount;
import io.l4lb.worker.FlowLookup;
import io.l4lb.worker.WorkerCommand;
import io.l4lb.worker.WorkerCommand.FlowCountCommand;
import io.l4lb.worker.WorkerCommand.FlowLookupCommand;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Asks the workers about their flows, by commands of a bounded size, one at a time: a look-up is two cache lines, a count goes
 * through the tables {@value FlowCount#BUCKETS} buckets a command. One question at a time; any thread.
 */
public final class FlowInspector {
    private static final int ANSWER_SECONDS_MAX = 2;

    /** The workers' command queues. */
    public interface CommandQueues {
        int workers();

        /**
         * Has that worker carry a command out between two bursts.
         *
         * @throws IllegalStateException when it stands still
         */
        void send(int worker, WorkerCommand command);
    }

    private final CommandQueues workers;
    private final TablePublisher publisher;
    private final ForwardingNumbers numbers;

    public FlowInspector(CommandQueues workers, TablePublisher publisher, ForwardingNumbers numbers) {
        this.workers = workers;
        this.publisher = publisher;
        this.numbers = numbers;
    }

    /** {@return how many live flows each worker knows, by state} */
    synchronized Map<String, Object> count() {
        List<Map<String, Object>> counts = new ArrayList<>();
        for (int worker = 0; worker < workers.workers(); worker++) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("worker", worker);
            fields.putAll(count(worker));
            counts.add(fields);
        }
        return Map.of("workers", counts);
    }

    private Map<String, Object> count(int worker) {
        long[] byCode = new long[FlowStateDescriptor.CODES];
        FlowCount part;
        int from = 0;
        do {
            part = new FlowCount(from);
            workers.send(worker, new FlowCountCommand(part));
            requireAnswer(worker, await(part));
            for (int code = 0; code < byCode.length; code++) {
                byCode[code] += part.flows(code);
            }
            from += FlowCount.BUCKETS;
        } while (!part.isLast());
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("halfOpen", byCode[FlowStateDescriptor.HALF_OPEN]);
        fields.put("unproven", byCode[FlowStateDescriptor.UNPROVEN]);
        fields.put("established", byCode[FlowStateDescriptor.ESTABLISHED] + byCode[FlowStateDescriptor.REOPENED]);
        fields.put("closing", byCode[FlowStateDescriptor.CLOSING]);
        fields.put(
                "udp",
                byCode[FlowStateDescriptor.UDP | FlowStateDescriptor.UNPROVEN]
                        + byCode[FlowStateDescriptor.UDP | FlowStateDescriptor.ESTABLISHED]);
        return fields;
    }

    private static boolean await(FlowCount part) {
        try {
            return part.await(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void requireAnswer(int worker, boolean answered) {
        if (!answered) {
            throw new AdminException(AdminException.FAILED, "worker " + worker + " does not answer: it stands still");
        }
    }

    /** {@return where a flow is pinned, and where it would go if it came new} */
    synchronized Map<String, Object> lookUp(String text) {
        FlowSpec flow = parse(text);
        VipConfig vip = vipOf(flow);
        int number = numbers.vipNumber(vip);
        long seed = VipKey.of(vip).seed();
        FlowBytes bytes = new FlowBytes(flow);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("flow", flow.toString());
        document.put("vip", vip.name());
        List<Map<String, Object>> pins = new ArrayList<>();
        for (int worker = 0; worker < workers.workers(); worker++) {
            FlowLookup lookup = lookUp(worker, bytes.key(number, seed));
            if (lookup.state() != 0) {
                pins.add(pin(worker, lookup));
            }
        }
        document.put("pinned", pins);
        int[] slots = publisher.table().slots(number);
        if (slots.length > 0) {
            long hash = bytes.slotHash(seed, vip.affinity());
            document.put("newFlowGoesTo", backend(slots[MaglevTable.slotOf(hash, slots.length)]));
        }
        return document;
    }

    /** {@return the flow's VIP; one of its own L4 port goes before one of any} */
    private VipConfig vipOf(FlowSpec flow) {
        return publisher.config().vips().stream()
                .filter(vip -> vip.address().equals(flow.destination()) && vip.protocol() == flow.protocol())
                .filter(vip -> vip.isAnyL4Port() || vip.l4Port() == flow.destinationL4Port())
                .max(Comparator.comparingInt(VipConfig::l4Port))
                .orElseThrow(() -> new AdminException(
                        AdminException.NOT_FOUND,
                        "no VIP has " + flow.protocol().label() + " " + flow.destination() + " l4Port "
                                + flow.destinationL4Port()));
    }

    private static FlowSpec parse(String text) {
        try {
            return FlowSpec.parse(text);
        } catch (IllegalArgumentException e) {
            throw new AdminException(AdminException.WRONG_USE, e.getMessage());
        }
    }

    private FlowLookup lookUp(int worker, FlowKey key) {
        FlowLookup lookup = new FlowLookup(key);
        workers.send(worker, new FlowLookupCommand(lookup));
        try {
            requireAnswer(worker, lookup.await(ANSWER_SECONDS_MAX, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            requireAnswer(worker, false);
        }
        return lookup;
    }

    private Map<String, Object> pin(int worker, FlowLookup lookup) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("worker", worker);
        fields.put("backend", backend(FlowStateDescriptor.destination(lookup.state())));
        fields.put("state", FlowStateDescriptor.label(lookup.state()));
        fields.put("idleSeconds", Math.round(lookup.idleSeconds() * 10) / 10.0);
        return fields;
    }

    /** {@return POOL/NAME, or POOL/ADDRESS of a backend that has left the configuration} */
    private String backend(int index) {
        Destination destination = numbers.destination(index);
        L4lbConfig config = publisher.config();
        return destination.pool()
                + '/'
                + config.pools().stream()
                        .filter(pool -> pool.name().equals(destination.pool()))
                        .map(PoolConfig::backends)
                        .flatMap(List::stream)
                        .filter(backend -> backend.address().equals(destination.backend()))
                        .map(BackendConfig::name)
                        .findFirst()
                        .orElse(destination.backend().toString());
    }
}
