package io.l4lb.hash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** Tables that {@code src/test/python/maglev_reference.py}, written from the description, made too. */
class MaglevTableGoldenTest {
    @Test
    void tablesAreThoseOfTheReferenceInPython() throws IOException {
        String[] lines = golden();
        assertThat(lines).hasSize(5);
        for (String line : lines) {
            String[] fields = line.split("\\|", -1);
            int[] slots = Backends.slots(table(Integer.parseInt(fields[0]), fields[1].split(",", -1)));

            int[] expectedStart = Arrays.stream(fields[3].split(" ", -1))
                    .mapToInt(Integer::parseInt)
                    .toArray();
            assertThat(Arrays.copyOf(slots, expectedStart.length)).as(line).isEqualTo(expectedStart);
            assertThat(crc(slots)).as(line).isEqualTo(fields[2]);
        }
    }

    private static String[] golden() throws IOException {
        try (InputStream in = MaglevTableGoldenTest.class.getResourceAsStream("/maglev-golden.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n");
        }
    }

    private static MaglevTable table(int tableSize, String[] backends) throws UnknownHostException {
        MaglevTableBuilder builder = new MaglevTableBuilder(tableSize);
        for (String backend : backends) {
            int star = backend.indexOf('*');
            byte[] address = InetAddress.getByName(backend.substring(0, star)).getAddress();
            builder.add(address, Integer.parseInt(backend.substring(star + 1)));
        }
        return builder.build();
    }

    private static String crc(int[] slots) {
        ByteBuffer bytes = ByteBuffer.allocate(slots.length * Integer.BYTES);
        bytes.asIntBuffer().put(slots);
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
