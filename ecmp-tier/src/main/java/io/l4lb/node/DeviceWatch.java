package io.l4lb.node;

import io.l4lb.config.EthPortConfig;
import io.l4lb.dpdk.ethdev.EthDev;
import io.l4lb.dpdk.ethdev.EthStats;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of links that go up or down, and of packets that a device lost before a worker saw them. Control thread. */
final class DeviceWatch {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceWatch.class);

    private final List<EthDev> ethDevs;
    private final List<EthPortConfig> names;
    private final boolean[] up;
    private final long[] lost;

    /** {@code names} in the order of {@code ethDevs}. */
    DeviceWatch(List<EthDev> ethDevs, List<EthPortConfig> names) {
        this.ethDevs = List.copyOf(ethDevs);
        this.names = List.copyOf(names);
        this.up = new boolean[ethDevs.size()];
        this.lost = new long[ethDevs.size()];
    }

    /** Logs what has changed since the last call. */
    void report() {
        for (int i = 0; i < ethDevs.size(); i++) {
            String name = names.get(i).name();
            boolean nowUp = ethDevs.get(i).link().up();
            if (nowUp != up[i]) {
                up[i] = nowUp;
                LOG.info("ethPort {}: link {}", name, nowUp ? "up" : "down");
            }
            EthStats stats = ethDevs.get(i).stats();
            long nowLost = stats.rxMissed() + stats.rxNoMbuf() + stats.rxErrors() + stats.txErrors();
            if (nowLost > lost[i]) {
                LOG.warn(
                        "ethPort {}: the device lost {} packets since start: {} missed (RX ring full: a worker too slow), {}"
                                + " without an mbuf, {} RX errors, {} TX errors",
                        name,
                        nowLost,
                        stats.rxMissed(),
                        stats.rxNoMbuf(),
                        stats.rxErrors(),
                        stats.txErrors());
                lost[i] = nowLost;
            }
        }
    }
}
