package io.l4lb.dpdk.ethdev;

import static io.l4lb.dpdk.binding.ColdCall.POINTER;
import static io.l4lb.dpdk.binding.ColdCall.UINT16;

import io.l4lb.dpdk.binding.ColdCall;
import io.l4lb.dpdk.binding.DpdkException;
import io.l4lb.dpdk.binding.DpdkLog;
import java.lang.foreign.Arena;

/**
 * The device's own counters since it was started.
 *
 * @param rxMissed frames lost because the receive ring was full: the worker is too slow
 * @param rxNoMbuf frames lost because the pool was empty
 */
public record EthStats(
        long rxPackets,
        long txPackets,
        long rxBytes,
        long txBytes,
        long rxMissed,
        long rxErrors,
        long txErrors,
        long rxNoMbuf) {
    private static final ColdCall GET = ColdCall.returningInt("rte_eth_stats_get", UINT16, POINTER);

    static EthStats read(int ethPortId) {
        try (Arena arena = Arena.ofConfined()) {
            DpdkStruct stats = DpdkStruct.allocate("rte_eth_stats", arena);
            long logPosition = DpdkLog.position();
            DpdkException.check(
                    "cannot read the counters of ethPort " + ethPortId,
                    GET.toInt(ethPortId, stats.address()),
                    logPosition);
            return new EthStats(
                    stats.getLong("ipackets"),
                    stats.getLong("opackets"),
                    stats.getLong("ibytes"),
                    stats.getLong("obytes"),
                    stats.getLong("imissed"),
                    stats.getLong("ierrors"),
                    stats.getLong("oerrors"),
                    stats.getLong("rx_nombuf"));
        }
    }
}
