package io.l4lb.dpdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.dpdk.testing.SharedEal;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MbufPoolTest {
    private static final int COUNT = 511;
    private static final int DATA_ROOM_BYTES = 2176;
    /** struct rte_mbuf 128, the mempool's own header 64, padding that spreads objects over memory channels. */
    private static final int OVERHEAD_BYTES_MAX = 320;

    @Test
    void mbufsLieSideBySideWithoutHugePages() {
        SharedEal.get();
        try (MbufPool pool = MbufPool.create("test" + SharedEal.unique(), COUNT, DATA_ROOM_BYTES, MbufPool.ANY_SOCKET);
                NativeMemory array = NativeMemory.allocate((long) COUNT * Long.BYTES, true)) {
            assertThat(Mbufs.allocate(pool, array.address(), COUNT)).isTrue();
            long[] mbufs = LongStream.range(0, COUNT)
                    .map(i -> Memory.getLong(array.address() + i * Long.BYTES))
                    .sorted()
                    .toArray();
            // net_af_xdp registers count x size bytes: with gaps, the last mbufs would lie outside
            long[] distances = IntStream.range(1, COUNT)
                    .mapToLong(i -> mbufs[i] - mbufs[i - 1])
                    .distinct()
                    .toArray();
            assertThat(distances).hasSize(1);
            assertThat(distances[0]).isLessThanOrEqualTo(DATA_ROOM_BYTES + OVERHEAD_BYTES_MAX);
            pool.release(array.address(), COUNT);
            assertThat(pool.available()).isEqualTo(COUNT);
        }
    }
}
