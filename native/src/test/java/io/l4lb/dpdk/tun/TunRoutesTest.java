package io.l4lb.dpdk.tun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;

/** Without root: the kernel is only asked to remove a route that is not there, or refuses even that. */
class TunRoutesTest {
    private static final byte[] ADDRESS = {(byte) 192, 0, 2, 1};
    private static final int LOOPBACK = 1;
    private static final int TABLE = 199;

    /** By then the file descriptor's number is another's. */
    @Test
    void closingTwiceClosesNothingElse() {
        TunRoutes first = new TunRoutes(LOOPBACK, TABLE, 198, 4000);
        first.close();
        try (TunRoutes second = new TunRoutes(LOOPBACK, TABLE, 198, 4000)) {
            first.close();
            Throwable failure = catchThrowable(() -> second.remove(ADDRESS));
            assertThat(String.valueOf(failure)).as("EBADF").doesNotContain("error number 9");
        }
    }

    @Test
    void closedItSaysSo() {
        TunRoutes routes = new TunRoutes(LOOPBACK, TABLE, 198, 4000);
        routes.close();
        assertThatThrownBy(() -> routes.put(ADDRESS))
                .isInstanceOf(TunException.class)
                .hasMessageContaining("closed");
    }
}
