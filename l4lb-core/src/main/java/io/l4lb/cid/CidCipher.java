package io.l4lb.cid;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-128 on single blocks: the JDK's, which the JIT compiles to the CPU's own AES instructions. ECB without padding gives each
 * block at once, keeps nothing and allocates nothing ({@code CidDecoderAllocationTest}). One thread.
 */
final class CidCipher {
    static final int BLOCK_BYTES = 16;

    private final Cipher cipher;

    private CidCipher(CidKey key, int mode) {
        try {
            cipher = Cipher.getInstance("AES/ECB/NoPadding");
            cipher.init(mode, new SecretKeySpec(key.bytes(), "AES"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no AES/ECB/NoPadding, which every JDK must have", e);
        }
    }

    static CidCipher encrypting(CidKey key) {
        return new CidCipher(key, Cipher.ENCRYPT_MODE);
    }

    static CidCipher decrypting(CidKey key) {
        return new CidCipher(key, Cipher.DECRYPT_MODE);
    }

    /** {@return whether it wrote the block that {@code in} becomes to {@code out}}: always, they are of the right size. Hot. */
    boolean block(byte[] in, byte[] out) {
        try {
            return cipher.update(in, 0, BLOCK_BYTES, out, 0) == BLOCK_BYTES;
        } catch (ShortBufferException e) {
            return false;
        }
    }
}
