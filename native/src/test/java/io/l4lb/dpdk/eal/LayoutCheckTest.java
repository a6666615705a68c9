package io.l4lb.dpdk.eal;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.dpdk.binding.DpdkException;
import io.l4lb.dpdk.binding.ShimLayout;
import org.junit.jupiter.api.Test;

class LayoutCheckTest {
    @Test
    void theInstalledDpdkLaysOutItsMbufsAsTheHotPathExpects() {
        LayoutCheck.check();
    }

    @Test
    void aDifferenceNamesFieldExpectedAndFound() {
        assertThatThrownBy(
                        () -> LayoutCheck.check(name -> name.equals("rte_mbuf.pkt_len") ? 44 : ShimLayout.value(name)))
                .isInstanceOf(DpdkException.class)
                .hasMessageContaining("rte_mbuf.pkt_len: expected 36, found 44");
    }

    @Test
    void aNameThatTheShimDoesNotKnowIsAnError() {
        assertThatThrownBy(() -> ShimLayout.value("rte_mbuf.nonsense"))
                .isInstanceOf(DpdkException.class)
                .hasMessageContaining("rte_mbuf.nonsense");
    }
}
