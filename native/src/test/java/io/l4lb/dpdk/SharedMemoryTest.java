package io.l4lb.dpdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SharedMemoryTest {
    @Test
    void whatIsWrittenIsSeenByWhoeverOpensItsPath() throws IOException {
        try (SharedMemory memory = SharedMemory.allocate("l4lb-test", 128)) {
            Memory.putLongOpaque(memory.address() + 64, 42);
            byte[] seen = Files.readAllBytes(Path.of(memory.path()));
            assertThat(seen).hasSize(128);
            assertThat(ByteBuffer.wrap(seen).order(ByteOrder.nativeOrder()).getLong(64))
                    .isEqualTo(42);
        }
    }

    @Test
    void closedItIsGone() {
        SharedMemory memory = SharedMemory.allocate("l4lb-test", 64);
        String path = memory.path();
        memory.close();
        memory.close();
        assertThat(Path.of(path)).doesNotExist();
    }
}
