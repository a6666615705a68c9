package io.l4lb.cid;

import java.util.List;

/**
 * One worker's decoders, by the numbers that a forwarding table gives its configurations. Made by the control thread before the
 * worker gets the table, so that no key is set up on the hot path.
 */
public final class CidDecoders {
    private final CidDecoder[] decoders;

    public CidDecoders(List<CidScheme> schemes) {
        decoders = schemes.stream().map(CidDecoder::new).toArray(CidDecoder[]::new);
    }

    public CidDecoder of(int number) {
        return decoders[number];
    }
}
