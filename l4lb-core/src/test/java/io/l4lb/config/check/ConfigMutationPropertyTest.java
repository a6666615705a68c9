package io.l4lb.config.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example with random damage: the reader always answers, and a rejection always says why. */
class ConfigMutationPropertyTest {
    private static final int ROUNDS = 6_000;
    private static final String[] TOKENS = {
        "[",
        "]",
        "{",
        "}",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "&a ",
        "*a",
        "!!str ",
        "!<x> ",
        "!%zz ",
        "|\n",
        ">-\n",
        "\"",
        "'",
        "#",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "%TAG ! x\n",
        "? ",
        "<<: *a",
        "~",
        "0x1",
        "1e9",
        "-1",
        "99999999999999999999",
        "\\u0000",
        "\"\\U99999999\"",
        "\t",
        "\r",
        "\u0085",
        "\u2028",
        "\ufeff",
        "\ud83d\ude00",
        "::",
        "null",
        "pools: "
    };

    private final long seed = Long.getLong("l4lb.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    @TempDir
    private Path directory;

    @Test
    void aDamagedFileIsLoadedOrRejectedAndNothingElse() throws IOException {
        byte[] example = Configurations.resource("example.yaml").getBytes(StandardCharsets.UTF_8);
        Path file = directory.resolve("l4lb.yaml");
        for (int round = 0; round < ROUNDS; round++) {
            byte[] damaged = example;
            for (int damages = random.nextInt(1, 5); damages > 0; damages--) {
                damaged = damage(damaged);
            }
            Files.write(file, damaged);
            checkAnswer(file, round, damaged);
        }
    }

    private void checkAnswer(Path file, int round, byte[] damaged) {
        try {
            if (ConfigReader.read(file) instanceof ConfigResult.Rejected rejected) {
                assertThat(rejected.faults())
                        .isNotEmpty()
                        .allSatisfy(fault -> assertThat(fault.toString())
                                .startsWith(file.toString())
                                .contains(": expected ")
                                .doesNotContain("\n"));
            }
        } catch (RuntimeException | StackOverflowError e) {
            fail("seed %d round %d:%n%s".formatted(seed, round, new String(damaged, StandardCharsets.UTF_8)), e);
        }
    }

    private byte[] damage(byte[] bytes) {
        int at = random.nextInt(bytes.length + 1);
        int until = Math.min(bytes.length, at + random.nextInt(random.nextInt(4) == 0 ? 200 : 8));
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 200);
        out.write(bytes, 0, at);
        switch (random.nextInt(4)) {
            case 0 -> out.writeBytes(TOKENS[random.nextInt(TOKENS.length)].getBytes(StandardCharsets.UTF_8));
            case 1 -> out.write(random.nextInt(256));
            case 2 -> {
                int from = random.nextInt(bytes.length + 1);
                out.write(bytes, from, Math.min(bytes.length - from, random.nextInt(100)));
                until = at;
            }
            default -> {
                // The bytes from at to until go.
            }
        }
        out.write(bytes, until, bytes.length - until);
        return out.toByteArray();
    }
}
