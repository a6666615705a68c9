package io.l4lb.forwarding;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How one encapsulation reaches the backends of a VIP's pools: backend's number to destination index, open addressing at half load.
 * Immutable; what a flow that peers have pinned is looked up by, so it takes one or two reads whatever the size of the pool.
 */
final class DestinationByBackend {
    static final DestinationByBackend EMPTY = new DestinationByBackend(new int[0], new int[0]);

    private static final int MULTIPLIER = 0x9e3779b9;
    private static final int FREE = -1;

    private final int[] backends;
    private final int[] destinations;
    private final int shift;

    /** @param backends their numbers, or -1; entry i belongs to destination i of the other */
    DestinationByBackend(int[] backends, int[] destinations) {
        int size = Integer.highestOneBit(Math.max(1, backends.length)) << 2;
        this.shift = Integer.numberOfLeadingZeros(size) + 1;
        this.backends = new int[size];
        this.destinations = new int[size];
        Arrays.fill(this.backends, FREE);
        for (int i = 0; i < backends.length; i++) {
            int place = place(backends[i]); // a backend that got no number, -1, is not found
            this.backends[place] = backends[i];
            this.destinations[place] = destinations[i];
        }
    }

    /** {@return all of them in one; a backend that several have keeps the first one's destination} */
    static DestinationByBackend union(List<DestinationByBackend> parts) {
        Map<Integer, Integer> all = new LinkedHashMap<>();
        for (DestinationByBackend part : parts) {
            for (int place = 0; place < part.backends.length; place++) {
                if (part.backends[place] != FREE) {
                    all.putIfAbsent(part.backends[place], part.destinations[place]);
                }
            }
        }
        return new DestinationByBackend(
                all.keySet().stream().mapToInt(Integer::intValue).toArray(),
                all.values().stream().mapToInt(Integer::intValue).toArray());
    }

    /** {@return where that backend is, or the free place where it would be} */
    private int place(int backend) {
        int place = (backend * MULTIPLIER) >>> shift;
        while (backends[place] != backend && backends[place] != FREE) {
            place = (place + 1) & (backends.length - 1);
        }
        return place;
    }

    /** {@return its destination, or {@link ForwardingTable#NO_DESTINATION}} */
    int of(int backend) {
        int place = place(backend);
        return backend >= 0 && backends[place] == backend ? destinations[place] : ForwardingTable.NO_DESTINATION;
    }
}
