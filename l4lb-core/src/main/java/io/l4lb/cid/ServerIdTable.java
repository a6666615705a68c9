package io.l4lb.cid;

import java.util.Arrays;
import java.util.List;

/**
 * Server ID to destination index, open addressing at half load. Immutable; any thread. Clients can ask for any ID, but only
 * the configuration puts IDs in, so a look-up ends after a run of those.
 */
public final class ServerIdTable {
    /** What {@link #destinationOf} returns for an ID that no backend has. */
    public static final int UNKNOWN = -1;
    /** A destination: the backend has that ID, but cannot be used. */
    public static final int UNUSABLE = -2;

    private static final long SPREAD = 0x9e3779b97f4a7c15L;
    private static final int MIX_SHIFT = 29;
    private static final int FREE = UNKNOWN;

    private final List<ServerId> ids;
    private final int[] destinationsOfIds;
    private final long[] highs;
    private final long[] lows;
    private final int[] destinations;
    private final int shift;

    /**
     * @param ids all of one length, each once
     * @param destinations index or {@link #UNUSABLE}; entry i belongs to ID i
     */
    public ServerIdTable(List<ServerId> ids, int... destinations) {
        this.ids = List.copyOf(ids);
        destinationsOfIds = destinations.clone();
        int size = Integer.highestOneBit(Math.max(1, ids.size())) << 2;
        shift = Integer.numberOfLeadingZeros(size) + 1 + Integer.SIZE;
        highs = new long[size];
        lows = new long[size];
        this.destinations = new int[size];
        Arrays.fill(this.destinations, FREE);
        for (int i = 0; i < destinations.length; i++) {
            int place = place(ids.get(i).high(), ids.get(i).low());
            highs[place] = ids.get(i).high();
            lows[place] = ids.get(i).low();
            this.destinations[place] = destinations[i];
        }
    }

    /** {@return a table of what all of them hold; no ID is in two} */
    public static ServerIdTable union(List<ServerIdTable> tables) {
        return new ServerIdTable(
                tables.stream().flatMap(table -> table.ids.stream()).toList(),
                tables.stream()
                        .flatMapToInt(table -> Arrays.stream(table.destinationsOfIds))
                        .toArray());
    }

    /** {@return the destination of the backend with that ID, {@link #UNUSABLE} or {@link #UNKNOWN}} Hot. */
    public int destinationOf(long high, long low) {
        return destinations[place(high, low)];
    }

    /** {@return where that ID is, or the free place where it would be} */
    private int place(long high, long low) {
        long mixed = (high ^ (low * SPREAD)) * SPREAD;
        int place = (int) (((mixed ^ (mixed >>> MIX_SHIFT)) * SPREAD) >>> shift);
        while (destinations[place] != FREE && (highs[place] != high || lows[place] != low)) {
            place = (place + 1) & (destinations.length - 1);
        }
        return place;
    }
}
