package io.l4lb.cid;

import java.util.Optional;

/**
 * One configuration of QUIC-LB: how servers make connection IDs with these configuration bits, and so how to read them.
 *
 * @param id the configuration bits, 0 .. 6
 * @param serverIdBytes 1 .. 15
 * @param nonceBytes 4 .. 18, with the server ID at most 19
 * @param encodesLength whether all servers write the length into the first octet: then one that is too small is none of ours
 * @param key empty: the server ID is readable by all
 */
public record CidScheme(int id, int serverIdBytes, int nonceBytes, boolean encodesLength, Optional<CidKey> key) {
    /** {@return bytes of server ID and nonce together} */
    public int blockBytes() {
        return serverIdBytes + nonceBytes;
    }

    /** {@return how the server ID is hidden, for people} */
    public String label() {
        return key.isEmpty() ? "plaintext" : isSinglePass() ? "AES, one pass" : "AES, four passes";
    }

    /** One AES block: encrypted as it is. Section 5.4.1. */
    boolean isSinglePass() {
        return blockBytes() == CidCipher.BLOCK_BYTES;
    }
}
