package io.l4lb.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.hash.MaglevTable;
import io.l4lb.net.IpAddress;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How evenly flows spread that differ as real ones do: in the source port, in the client's address, in a few bits. */
class FlowHashTest {
    private static final int FLOWS = 200_000;
    private static final int BINS = 1000;
    /** Chi-square of 999 degrees has mean 999 and deviation 45: six deviations. */
    private static final double CHI_SQUARE_MAX = 999 + 6 * 45;

    private static final long SEED =
            FlowHash.vipSeed(0, IpAddress.parse("198.51.100.1").orElseThrow().low(), 6);

    private static void assertEven(LongUnaryOperator hashOfFlow) {
        assertThat(chiSquare(i -> MaglevTable.slotOf(hashOfFlow.applyAsLong(i), BINS)))
                .as("Maglev slots")
                .isLessThan(CHI_SQUARE_MAX);
        assertThat(chiSquare(i -> ((hashOfFlow.applyAsLong(i) & 0xffff_ffffL) * BINS) >>> 32))
                .as("first buckets")
                .isLessThan(CHI_SQUARE_MAX);
        assertThat(chiSquare(i -> (hashOfFlow.applyAsLong(i) & 0x3fff) % 512))
                .as("GUE source ports")
                .isLessThan(511 + 6 * 32);
        assertThat(chiSquare(i -> (hashOfFlow.applyAsLong(i) >>> 14 & 0xfffff) % 512))
                .as("flow labels")
                .isLessThan(511 + 6 * 32);
    }

    private static double chiSquare(LongUnaryOperator binOf) {
        int[] counts = new int[BINS];
        int binCount = 0;
        for (int i = 0; i < FLOWS; i++) {
            int bin = (int) binOf.applyAsLong(i);
            counts[bin]++;
            binCount = Math.max(binCount, bin + 1);
        }
        double expected = (double) FLOWS / binCount;
        double sum = 0;
        for (int bin = 0; bin < binCount; bin++) {
            sum += (counts[bin] - expected) * (counts[bin] - expected) / expected;
        }
        return sum;
    }

    private static int ports(long sourceL4Port, int l4Port) {
        return Short.toUnsignedInt(Short.reverseBytes((short) sourceL4Port))
                | (Short.toUnsignedInt(Short.reverseBytes((short) l4Port)) << 16);
    }

    @Test
    void connectionsOfAFewIpv4ClientsSpreadEvenly() {
        assertEven(i -> FlowHash.ipv4(
                ((0x0a00_0001L + (i >> 15)) << 32) | Integer.toUnsignedLong(ports(32_768 + (i & 0x7fff), 443)), SEED));
    }

    @Test
    void oneConnectionOfManyIpv4ClientsSpreadsEvenly() {
        assertEven(i -> FlowHash.ipv4(
                ((long) Integer.reverseBytes((int) (0x0a00_0000 + i)) << 32)
                        | Integer.toUnsignedLong(ports(40_000, 443)),
                SEED));
    }

    @Test
    void connectionsOfAFewIpv6ClientsSpreadEvenly() {
        assertEven(i -> FlowHash.ipv6(0xb80d0120L, (i >> 15) << 56, ports(32_768 + (i & 0x7fff), 443), SEED));
    }

    @Test
    void oneConnectionOfManyIpv6ClientsSpreadsEvenly() {
        assertEven(i -> FlowHash.ipv6(0xb80d0120L, Long.reverseBytes(i), ports(40_000, 443), SEED));
        assertEven(i -> FlowHash.ipv6(0xb80d0120L | (Integer.reverseBytes((int) i) & 0xffff_ffffL) << 32, 1, 0, SEED));
    }

    @Test
    void clientsOfAVipWithSourceAffinitySpreadEvenly() {
        assertEven(i -> FlowHash.source(0, Integer.toUnsignedLong(Integer.reverseBytes((int) i)), SEED));
        assertEven(i -> FlowHash.source(Long.reverseBytes(i), 0x0100_0000_0000_0000L, SEED));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 0x0a00_0001_bb01_409cL, -1})
    void everyBitOfAFlowChangesHalfTheBitsOfItsHash(long flow) {
        for (int bit = 0; bit < Long.SIZE; bit++) {
            long changed = flow ^ (1L << bit);
            assertThat(Long.bitCount(FlowHash.ipv4(flow, SEED) ^ FlowHash.ipv4(changed, SEED)))
                    .isBetween(14, 50);
            assertThat(Long.bitCount(FlowHash.ipv6(7, flow, 9, SEED) ^ FlowHash.ipv6(7, changed, 9, SEED)))
                    .isBetween(14, 50);
            assertThat(Long.bitCount(FlowHash.ipv6(flow, 7, 9, SEED) ^ FlowHash.ipv6(changed, 7, 9, SEED)))
                    .isBetween(14, 50);
        }
    }

    /** Written down so that a node of a newer version chooses as the older ones beside it: change it, and flows move. */
    @Test
    void hashesAreTheSameInEveryVersion() {
        assertThat(FlowHash.mix(0)).isEqualTo(0xe220a8397b1dcdafL);
        assertThat(FlowHash.vipSeed(0, 0xc6336401L, 6))
                .isEqualTo(FlowHash.mix(FlowHash.mix(0xe220a8397b1dcdafL ^ 0xc6336401L) ^ 6) >>> 16);
        assertThat(FlowHash.ipv4(0x0700_00cb_bb01_409cL, 0)).isEqualTo(FlowHash.mix(0x0700_00cb_bb01_409cL));
    }

    @Test
    void vipsOfTheSameClientsDoNotSpreadAlike() {
        long other = FlowHash.vipSeed(
                0, IpAddress.parse("198.51.100.2").orElseThrow().low(), 6);
        int same = 0;
        for (int i = 0; i < FLOWS; i++) {
            same += MaglevTable.slotOf(FlowHash.ipv4(i, SEED), 100) == MaglevTable.slotOf(FlowHash.ipv4(i, other), 100)
                    ? 1
                    : 0;
        }
        assertThat(same).isBetween(FLOWS / 100 - 300, FLOWS / 100 + 300);
    }
}
