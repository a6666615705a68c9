package io.l4lb.cid;

/** What a VIP's packets are routed by: which configurations its servers use, and who has which server ID. Immutable; any thread. */
public final class QuicRoutes {
    /** In place of a number: no such configuration. */
    public static final int NONE = -1;

    private final int[] numbers;
    private final ServerIdTable servers;

    /** @param numbers by configuration bits the number of the {@link CidDecoder} in {@link CidDecoders}, or {@link #NONE} */
    public QuicRoutes(int[] numbers, ServerIdTable servers) {
        this.numbers = numbers.clone();
        this.servers = servers;
    }

    /** {@return the number of the decoder for connection IDs with those configuration bits, or {@link #NONE}} */
    public int decoderOf(int configuration) {
        return numbers[configuration];
    }

    public ServerIdTable servers() {
        return servers;
    }
}
