package io.l4lb.demo.wire;

import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * Connection IDs as a server makes them that follows QUIC-LB (draft-ietf-quic-load-balancers-21): in clear, or, as server ID and nonce are one
 * block together, in one pass of AES. Written from the draft and not from the node's decoder. For one thread.
 */
final class RoutableIds implements QuicConnectionIdGenerator {
    /** The two configurations that the nodes have, too. */
    static final int ENCRYPTED_ID = 0;

    static final int PLAIN_ID = 1;
    static final int SERVER_ID_BYTES = 4;

    /** Together one block of AES. */
    static final int NONCE_BYTES = 12;

    static final int LENGTH_BYTES = 1 + SERVER_ID_BYTES + NONCE_BYTES;
    private static final int CONFIGURATION_SHIFT = 5;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final int configurationId;
    private final byte[] serverId;
    private final Optional<Cipher> cipher;

    private RoutableIds(int configurationId, byte[] serverId, Optional<Cipher> cipher) {
        this.configurationId = configurationId;
        this.serverId = serverId.clone();
        this.cipher = cipher;
    }

    static RoutableIds plain(byte[] serverId) {
        return new RoutableIds(PLAIN_ID, serverId, Optional.empty());
    }

    static RoutableIds encrypted(byte[] serverId, byte[] key) throws GeneralSecurityException {
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        return new RoutableIds(ENCRYPTED_ID, serverId, Optional.of(aes));
    }

    @Override
    public ByteBuffer newId(int length) {
        if (length != LENGTH_BYTES) {
            throw new IllegalArgumentException("IDs have " + LENGTH_BYTES + " bytes, not " + length);
        }
        byte[] block = new byte[SERVER_ID_BYTES + NONCE_BYTES];
        RANDOM.nextBytes(block);
        System.arraycopy(serverId, 0, block, 0, SERVER_ID_BYTES);
        int first = configurationId << CONFIGURATION_SHIFT | RANDOM.nextInt(1 << CONFIGURATION_SHIFT);
        return ByteBuffer.allocate(LENGTH_BYTES)
                .put((byte) first)
                .put(cipher.map(aes -> encrypt(aes, block)).orElse(block))
                .flip();
    }

    private static byte[] encrypt(Cipher aes, byte[] block) {
        try {
            return aes.doFinal(block);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The client's ID is no part of it. */
    @Override
    public ByteBuffer newId(ByteBuffer input, int length) {
        return newId(length);
    }

    @Override
    public int maxConnectionIdLength() {
        return LENGTH_BYTES;
    }

    @Override
    public boolean isIdempotent() {
        return false;
    }
}
