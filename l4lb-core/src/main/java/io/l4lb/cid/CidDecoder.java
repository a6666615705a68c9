package io.l4lb.cid;

import io.l4lb.dpdk.Memory;

/**
 * Takes the server ID out of connection IDs of one configuration (draft-ietf-quic-load-balancers-21, section 5.5). The four
 * passes are a Feistel network over the two halves of server ID and nonce; of an odd number of bytes the one in the middle
 * belongs to both, its high half to the left and its low half to the right.
 *
 * <p>Holds a cipher and the room to work in, so that decoding allocates nothing: one instance a worker; made by the control
 * thread, used by the worker's.
 */
public final class CidDecoder {
    private static final int LENGTH_INDEX = CidCipher.BLOCK_BYTES - 2;
    private static final int PASS_INDEX = CidCipher.BLOCK_BYTES - 1;
    private static final int HIGH_NIBBLE = 0xf0;
    private static final int LOW_NIBBLE = 0x0f;

    private final CidScheme scheme;
    private final int serverIdBytes;
    private final int blockBytes;
    private final int halfBytes;
    private final boolean isOdd;
    private final boolean isSinglePass;
    /** Null: nothing is encrypted. */
    private final CidCipher cipher;

    private final byte[] block = new byte[Math.max(ConnectionIdDescriptor.BLOCK_BYTES_MAX, CidCipher.BLOCK_BYTES)];
    /** A half, and behind it what expand() adds: zeros, the length of both, the number of the pass. */
    private final byte[] left = new byte[CidCipher.BLOCK_BYTES];

    private final byte[] right = new byte[CidCipher.BLOCK_BYTES];
    private final byte[] made = new byte[CidCipher.BLOCK_BYTES];

    /** What {@link #decode} found: the server ID as {@link ServerId} has it. */
    public long serverIdHigh;

    public long serverIdLow;

    public CidDecoder(CidScheme scheme) {
        this.scheme = scheme;
        serverIdBytes = scheme.serverIdBytes();
        blockBytes = scheme.blockBytes();
        halfBytes = (blockBytes + 1) / 2;
        isOdd = blockBytes % 2 != 0;
        isSinglePass = scheme.isSinglePass();
        left[LENGTH_INDEX] = (byte) blockBytes;
        right[LENGTH_INDEX] = (byte) blockBytes;
        cipher = scheme.key()
                .map(key -> isSinglePass ? CidCipher.decrypting(key) : CidCipher.encrypting(key))
                .orElse(null);
    }

    public CidScheme scheme() {
        return scheme;
    }

    /** {@return bytes of the shortest connection ID that can be decoded} */
    public int lengthBytesMin() {
        return ConnectionIdDescriptor.FIRST_OCTET_LENGTH_BYTES + blockBytes;
    }

    /** {@return whether a first octet says of a connection ID that it is long enough}, if the servers say it at all */
    public boolean isPlausible(int firstOctet) {
        return !scheme.encodesLength() || ConnectionIdDescriptor.lengthBehind(firstOctet) >= blockBytes;
    }

    /**
     * Decodes the connection ID at that address into {@link #serverIdHigh} and {@link #serverIdLow}; {@link #lengthBytesMin}
     * bytes must be there. {@return whether it could: always}
     */
    public boolean decode(long address) {
        for (int i = 0; i < blockBytes; i++) {
            block[i] = Memory.getByte(address + ConnectionIdDescriptor.SERVER_ID_OFFSET + i);
        }
        byte[] plain = block;
        boolean decoded = true;
        if (cipher != null) {
            if (isSinglePass) {
                decoded = cipher.block(block, made);
                plain = made;
            } else {
                decoded = fourPasses();
            }
        }
        serverIdHigh = ServerId.word(plain, 0, serverIdBytes);
        serverIdLow = ServerId.word(plain, Long.BYTES, serverIdBytes);
        return decoded;
    }

    /** Leaves as much of the plain block as the server ID takes. */
    private boolean fourPasses() {
        int rightFrom = blockBytes - halfBytes;
        for (int i = 0; i < halfBytes; i++) {
            left[i] = block[i];
            right[i] = block[rightFrom + i];
        }
        if (isOdd) {
            left[halfBytes - 1] &= (byte) HIGH_NIBBLE;
            right[0] &= LOW_NIBBLE;
        }
        boolean decoded = passToLeft(4) && passToRight(3) && passToLeft(2);
        if (serverIdBytes > rightFrom) {
            decoded &= passToRight(1); // the right half holds some of the server ID too
            for (int i = 0; i < halfBytes; i++) {
                block[rightFrom + i] = right[i];
            }
            if (isOdd) {
                left[halfBytes - 1] |= right[0];
            }
        }
        for (int i = 0; i < halfBytes; i++) {
            block[i] = left[i];
        }
        return decoded;
    }

    private boolean passToLeft(int pass) {
        right[PASS_INDEX] = (byte) pass;
        boolean done = cipher.block(right, made);
        for (int i = 0; i < halfBytes; i++) {
            left[i] ^= made[i];
        }
        if (isOdd) {
            left[halfBytes - 1] &= (byte) HIGH_NIBBLE;
        }
        return done;
    }

    private boolean passToRight(int pass) {
        left[PASS_INDEX] = (byte) pass;
        boolean done = cipher.block(left, made);
        for (int i = 0; i < halfBytes; i++) {
            right[i] ^= made[i];
        }
        if (isOdd) {
            right[0] &= LOW_NIBBLE;
        }
        return done;
    }
}
