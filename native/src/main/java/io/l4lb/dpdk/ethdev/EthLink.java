package io.l4lb.dpdk.ethdev;

import static io.l4lb.dpdk.binding.ColdCall.POINTER;
import static io.l4lb.dpdk.binding.ColdCall.UINT16;

import io.l4lb.dpdk.binding.ColdCall;
import io.l4lb.dpdk.binding.DpdkException;
import io.l4lb.dpdk.binding.DpdkLog;
import java.lang.foreign.Arena;

/**
 * State of the cable.
 *
 * @param speedMbps 0 when the link is down; 4294967295 when the device does not know
 */
public record EthLink(boolean up, long speedMbps) {
    private static final ColdCall GET = ColdCall.returningInt("rte_eth_link_get_nowait", UINT16, POINTER);
    private static final ColdCall IS_UP = ColdCall.returningInt("l4lb_link_is_up", POINTER);

    static EthLink read(int ethPortId) {
        try (Arena arena = Arena.ofConfined()) {
            DpdkStruct link = DpdkStruct.allocate("rte_eth_link", arena);
            long logPosition = DpdkLog.position();
            DpdkException.check(
                    "cannot read the link state of ethPort " + ethPortId,
                    GET.toInt(ethPortId, link.address()),
                    logPosition);
            return new EthLink(IS_UP.toInt(link.address()) != 0, link.unsignedInt("link_speed"));
        }
    }
}
