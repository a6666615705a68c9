package io.l4lb.bench.shape;

import io.l4lb.net.Track;
import java.util.Locale;

/** Which flows the Java contender's workers tell a journal of; the others know no replication. */
public enum Replicated {
    OFF,
    /** From their second packet on. */
    ESTABLISHED,
    /** From their first one: every SYN. */
    ALL;

    /** {@return the word on command lines and in reports} */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@return the VIPs' setting for that} Without a journal it means nothing. */
    Track track() {
        return this == ALL ? Track.ALL : Track.ESTABLISHED;
    }

    @Override
    public String toString() {
        return label();
    }
}
