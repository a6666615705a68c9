package io.l4lb.cid;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.testing.Allocation;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A million connection IDs through the JDK's cipher, on a thread of its own: what says that it may stand in the hot path. */
class CidDecoderAllocationTest {
    private static final int COUNT = 1_000_000;
    private static final int WARM_UP_COUNT = 200_000;
    private static final CidKey KEY =
            CidKey.parse("8f95f09245765f80256934e50c66207f").orElseThrow();

    private long found;

    @ParameterizedTest
    @CsvSource({"4, 6, false", "8, 8, true", "4, 6, true", "10, 9, true"})
    void aMillionConnectionIdsAllocateNothing(int serverIdBytes, int nonceBytes, boolean encrypted) {
        CidDecoder decoder = new CidDecoder(
                new CidScheme(0, serverIdBytes, nonceBytes, false, encrypted ? Optional.of(KEY) : Optional.empty()));
        try (NativeMemory memory = NativeMemory.allocate(Long.BYTES * 4, true)) {
            long allocatedBytes =
                    Allocation.bytes(WARM_UP_COUNT, COUNT, count -> decode(decoder, memory.address(), count));

            assertThat(found).isNotZero();
            assertThat(allocatedBytes).isZero();
        }
    }

    private void decode(CidDecoder decoder, long address, int count) {
        for (int i = 0; i < count; i++) {
            Memory.putLong(address + 1, i);
            found += decoder.decode(address) ? decoder.serverIdHigh : 0;
        }
    }
}
