package io.l4lb.dpdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.dpdk.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NativeMemoryTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 4096, 5000, NativeMemory.HUGE_PAGE_BYTES, NativeMemory.HUGE_PAGE_BYTES + 1, 9_000_000})
    void anAreaIsAlignedZeroedAndWritableToItsEnd(long lengthBytes) {
        try (NativeMemory area = NativeMemory.allocate(lengthBytes, lengthBytes % 2 == 0)) {
            long alignmentBytes = lengthBytes >= NativeMemory.HUGE_PAGE_BYTES
                    ? NativeMemory.HUGE_PAGE_BYTES
                    : NativeMemory.PAGE_BYTES;
            assertThat(area.address() % alignmentBytes).isZero();
            assertThat(area.lengthBytes()).isEqualTo(lengthBytes);
            assertThat(Memory.getByte(area.address() + lengthBytes - 1)).isZero();
            Memory.fill(area.address(), lengthBytes, (byte) 7);
            assertThat(Memory.getByte(area.address() + lengthBytes - 1)).isEqualTo((byte) 7);
        }
    }

    /** Each area is a page longer than a huge page: rounded up to two, they would take twice the memory. */
    @Test
    void anAreaTakesNoMoreMemoryThanItsLengthInSmallPages() throws IOException {
        int areaCount = 100;
        long lengthBytes = NativeMemory.HUGE_PAGE_BYTES + NativeMemory.PAGE_BYTES;
        long residentBytes = residentBytes();
        List<NativeMemory> areas = new ArrayList<>();
        for (int i = 0; i < areaCount; i++) {
            areas.add(NativeMemory.allocate(lengthBytes, true));
        }
        assertThat(residentBytes() - residentBytes)
                .isBetween(areaCount * lengthBytes * 9 / 10, areaCount * lengthBytes * 13 / 10);
        areas.forEach(NativeMemory::close);
        assertThat(residentBytes() - residentBytes).isLessThan(areaCount * lengthBytes * 3 / 10);
    }

    private static long residentBytes() throws IOException {
        return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ", -1)[1])
                * NativeMemory.PAGE_BYTES;
    }

    @Test
    void moreThanThereIsFailsWithTheSize() {
        assertThatThrownBy(() -> NativeMemory.allocate(1L << 60, false))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessageContaining("bytes of native memory");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 60, 4096, 4097})
    void aGuardedAreaEndsAtItsGuard(int lengthBytes) {
        try (NativeMemory area = NativeMemory.allocateGuarded(lengthBytes)) {
            Memory.fill(area.address(), lengthBytes, (byte) 7);
            assertThat((area.address() + lengthBytes) % NativeMemory.PAGE_BYTES).isZero();
        }
    }

    @Test
    void oneByteBeyondAGuardedAreaEndsTheProcess() throws InterruptedException {
        List<String> quietly = List.of("-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null");
        try (ChildJvm child = ChildJvm.start(List.of(), quietly, ReadBeyondGuard.class, List.of())) {
            assertThat(child.awaitExit()).isNotZero();
            assertThat(child.output())
                    .contains("last byte read")
                    .contains("SIGSEGV")
                    .doesNotContain("survived");
        }
    }

    /** Reads the last byte of a guarded area, then the one behind it. */
    static final class ReadBeyondGuard {
        private ReadBeyondGuard() {}

        public static void main(String[] arguments) {
            NativeMemory area = NativeMemory.allocateGuarded(60);
            System.out.println("last byte read: " + Memory.getByte(area.address() + 59));
            System.out.println("survived: " + Memory.getByte(area.address() + 60));
        }
    }
}
