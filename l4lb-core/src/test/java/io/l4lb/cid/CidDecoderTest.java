package io.l4lb.cid;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.testing.Seed;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The test vectors of draft-ietf-quic-load-balancers-21 as they stand there, and a model that encrypts. */
class CidDecoderTest {
    /** Appendix B.2. */
    private static final String VECTOR_KEY = "8f95f09245765f80256934e50c66207f";
    /** Section 5.4.2.4. */
    private static final String EXAMPLE_KEY = "fdf726a9893ec05c0632d3956680baf0";

    private final NativeMemory memory = NativeMemory.allocateGuarded(1 + ConnectionIdDescriptor.BLOCK_BYTES_MAX);

    @AfterEach
    void free() {
        memory.close();
    }

    @ParameterizedTest
    @CsvSource("0, c4605e, 4504cc4f, 07c4605e4504cc4f")
    void plaintextVectorOfAppendixB1(int configuration, String serverId, String nonce, String cid) {
        assertDecoded(configuration, serverId, nonce, Optional.empty(), cid);
    }

    /**
     * "1 350d28b420 3487d970b 20a350d28b4203487d970b" in the draft: a nonce of nine digits, printed without the 0 that it begins
     * with, and the 0x2 and 0xa of the first octet pulled apart. With both in their places it is one of five and five bytes.
     */
    @Test
    void misprintedVectorOfAppendixB1() {
        assertDecoded(1, "350d28b420", "03487d970b", Optional.empty(), "2a350d28b42003487d970b");
    }

    /** The last has configuration 3 in the draft's table, but 0 in the connection ID: 0x12. */
    @ParameterizedTest
    @CsvSource({
        "0, ed793a, ee080dbf, 0720b1d07b359d3c",
        "1, ed793a51d49b8f5fab65, ee080dbf48, 2fcc381bc74cb4fbad2823a3d1f8fed2",
        "2, ed793a51d49b8f5f, ee080dbf48c0d1e5, 504dd2d05a7b0de9b2b9907afb5ecf8cc3",
        "0, ed793a51d49b8f5fab, ee080dbf48c0d1e55d, 125779c9cc86beb3a3a4a3ca96fce4bfe0cdbc"
    })
    void encryptedVectorsOfAppendixB2(int configuration, String serverId, String nonce, String cid) {
        assertDecoded(configuration, serverId, nonce, CidKey.parse(VECTOR_KEY), cid);
    }

    @Test
    void exampleOfTheFourPasses() {
        assertDecoded(0, "31441a", "9c69c275", CidKey.parse(EXAMPLE_KEY), "0767947d29be054a");
    }

    @Test
    void everyLengthOfServerIdAndNonceIsReadAsItWasWritten() throws Exception {
        Random random = new Random(Seed.of(CidDecoderTest.class));
        for (int serverIdBytes = 1; serverIdBytes <= ConnectionIdDescriptor.SERVER_ID_BYTES_MAX; serverIdBytes++) {
            for (int nonceBytes = 4; serverIdBytes + nonceBytes <= 19; nonceBytes++) {
                byte[] key = bytes(random, CidKey.LENGTH_BYTES);
                byte[] plain = bytes(random, serverIdBytes + nonceBytes);
                byte[] hidden = plain.length == 16 ? aes(key, plain) : feistel(key, plain);
                String hex = HexFormat.of().formatHex(plain);
                String serverId = hex.substring(0, 2 * serverIdBytes);
                String nonce = hex.substring(2 * serverIdBytes);

                assertDecoded(3, serverId, nonce, Optional.empty(), "60" + hex);
                assertDecoded(
                        3,
                        serverId,
                        nonce,
                        CidKey.parse(HexFormat.of().formatHex(key)),
                        "60" + HexFormat.of().formatHex(hidden));
            }
        }
    }

    private static byte[] bytes(Random random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] aes(byte[] key, byte[] block) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        return cipher.doFinal(block);
    }

    /** Section 5.4.2.3 over half bytes: no byte belongs to both halves. */
    private static byte[] feistel(byte[] key, byte[] plain) throws Exception {
        String digits = HexFormat.of().formatHex(plain);
        int middle = digits.length() / 2;
        String left = digits.substring(0, middle);
        String right = digits.substring(middle);
        for (int pass = 1; pass <= 4; pass++) {
            // the left half is filled up behind, the right one in front, to whole bytes
            boolean fromLeft = pass % 2 == 1;
            String input = fromLeft ? left + "0".repeat(middle % 2) : "0".repeat(middle % 2) + right;
            String expanded = input + "0".repeat(28 - input.length()) + "%02x%02x".formatted(plain.length, pass);
            String mask = HexFormat.of().formatHex(aes(key, HexFormat.of().parseHex(expanded)));
            if (fromLeft) {
                right = xor(right, mask.substring(middle % 2, middle % 2 + middle));
            } else {
                left = xor(left, mask.substring(0, middle));
            }
        }
        return HexFormat.of().parseHex(left + right);
    }

    private static String xor(String digits, String mask) {
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < digits.length(); i++) {
            int digit = Character.digit(digits.charAt(i), 16) ^ Character.digit(mask.charAt(i), 16);
            result.append(Character.forDigit(digit, 16));
        }
        return result.toString();
    }

    private void assertDecoded(int configuration, String serverId, String nonce, Optional<CidKey> key, String cid) {
        byte[] bytes = HexFormat.of().parseHex(cid);
        ServerId wanted = ServerId.parse(serverId).orElseThrow();
        CidDecoder decoder =
                new CidDecoder(new CidScheme(configuration, wanted.lengthBytes(), nonce.length() / 2, false, key));
        assertThat(ConnectionIdDescriptor.configuration(bytes[0] & 0xff)).isEqualTo(configuration);
        assertThat(decoder.lengthBytesMin()).isEqualTo(bytes.length);
        // up to the guard page: one byte more than the connection ID has, and the test crashes
        long address = memory.address() + memory.lengthBytes() - bytes.length;
        Memory.copy(bytes, 0, address, bytes.length);

        assertThat(decoder.decode(address)).isTrue();

        assertThat(new ServerId(decoder.serverIdHigh, decoder.serverIdLow, wanted.lengthBytes()))
                .hasToString(serverId)
                .isEqualTo(wanted);
    }
}
