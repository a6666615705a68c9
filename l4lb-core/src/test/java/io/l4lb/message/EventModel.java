package io.l4lb.message;

import io.l4lb.flow.FlowEventSink;
import io.l4lb.net.IpAddress;
import io.l4lb.replica.ClaimDescriptor;
import io.l4lb.replica.ReplicaNumbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Flow events as records that name everything in full: the slow model of a batch. */
final class EventModel {
    record Event(
            boolean ipv6Client,
            long high,
            long low,
            int ports,
            IpAddress vip,
            int protocol,
            IpAddress backend,
            int code,
            boolean proven,
            long lamport,
            String node,
            int ageSeconds) {}

    private EventModel() {}

    static Event random(Random random) {
        boolean ipv6 = random.nextBoolean();
        return new Event(
                ipv6,
                ipv6 ? random.nextLong() : 0,
                random.nextLong(),
                ipv6 ? random.nextInt() : 0,
                address(random, 20),
                random.nextBoolean() ? 6 : 17,
                address(random, 2000),
                (random.nextBoolean() ? 8 : 0) | random.nextInt(1, 5),
                random.nextBoolean(),
                1 + (random.nextLong() & (ClaimDescriptor.LAMPORT_MAX - 1)),
                "n" + "x".repeat(random.nextInt(63)),
                random.nextInt(100_000));
    }

    private static IpAddress address(Random random, int addresses) {
        int number = random.nextInt(addresses);
        return random.nextBoolean() ? IpAddress.ipv4(number) : IpAddress.ipv6(-1, number);
    }

    static List<Event> random(Random random, int count) {
        List<Event> events = new ArrayList<>();
        while (events.size() < count) {
            events.add(random(random));
        }
        return events;
    }

    static void add(Event event, BatchWriter writer, ReplicaNumbers numbers) {
        int vip = numbers.vip(event.vip(), event.protocol());
        int backend = numbers.backend(event.backend());
        int node = numbers.node(event.node());
        int age = event.ageSeconds();
        if (event.ipv6Client()) {
            writer.addIpv6(
                    event.high(),
                    event.low(),
                    event.ports(),
                    vip,
                    backend,
                    event.code(),
                    event.proven(),
                    event.lamport(),
                    node,
                    age);
        } else {
            writer.addIpv4(event.low(), vip, backend, event.code(), event.proven(), event.lamport(), node, age);
        }
    }

    /** {@return what a reader tells of those events: IPv4 first, ages cut at 16 bits} */
    static List<Event> asRead(List<Event> events) {
        List<Event> read = new ArrayList<>();
        for (boolean ipv6 : new boolean[] {false, true}) {
            for (Event event : events) {
                if (event.ipv6Client() == ipv6) {
                    read.add(new Event(
                            ipv6,
                            event.high(),
                            event.low(),
                            event.ports(),
                            event.vip(),
                            event.protocol(),
                            event.backend(),
                            event.code(),
                            event.proven(),
                            event.lamport(),
                            event.node(),
                            Math.min(event.ageSeconds(), 65_535)));
                }
            }
        }
        return read;
    }

    /** Turns numbers back into names. */
    static final class Collector implements FlowEventSink {
        final List<Event> events = new ArrayList<>();
        private final ReplicaNumbers numbers;

        Collector(ReplicaNumbers numbers) {
            this.numbers = numbers;
        }

        @Override
        public void ipv4(
                long clientAndPorts,
                int vip,
                int backend,
                int code,
                boolean proven,
                long lamport,
                int node,
                int ageSeconds) {
            add(false, 0, clientAndPorts, 0, vip, backend, code, proven, lamport, node, ageSeconds);
        }

        @Override
        public void ipv6(
                long high,
                long low,
                int ports,
                int vip,
                int backend,
                int code,
                boolean proven,
                long lamport,
                int node,
                int ageSeconds) {
            add(true, high, low, ports, vip, backend, code, proven, lamport, node, ageSeconds);
        }

        private void add(
                boolean ipv6,
                long high,
                long low,
                int ports,
                int vip,
                int backend,
                int code,
                boolean proven,
                long lamport,
                int node,
                int ageSeconds) {
            events.add(new Event(
                    ipv6,
                    high,
                    low,
                    ports,
                    numbers.vipAddress(vip),
                    numbers.vipProtocol(vip),
                    numbers.backendAddress(backend),
                    code,
                    proven,
                    lamport,
                    numbers.nodeId(node),
                    ageSeconds));
        }
    }
}
