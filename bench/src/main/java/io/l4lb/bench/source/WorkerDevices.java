package io.l4lb.bench.source;

import io.l4lb.dpdk.MbufPool;
import io.l4lb.dpdk.eal.Eal;
import io.l4lb.dpdk.ethdev.EthDev;
import io.l4lb.dpdk.ethdev.EthDevConfig;
import java.util.ArrayList;
import java.util.List;

/** A device of its own for each worker, with one queue each way. Control thread. */
public final class WorkerDevices implements AutoCloseable {
    private final List<EthDev> devices = new ArrayList<>();

    private WorkerDevices() {}

    /** Attaches, configures and starts them; their mbufs come from {@code pool}. */
    public static WorkerDevices start(Eal eal, List<String> names, MbufPool pool) {
        WorkerDevices all = new WorkerDevices();
        try {
            for (String name : names) {
                EthDev device = eal.attach(name);
                all.devices.add(device);
                device.configure(EthDevConfig.forWorkers(1, 0, pool));
                device.start();
            }
            return all;
        } catch (RuntimeException e) {
            all.close();
            throw e;
        }
    }

    /** {@return the device of that worker, from 0} */
    public EthDev of(int worker) {
        return devices.get(worker);
    }

    @Override
    public void close() {
        devices.forEach(EthDev::close);
    }
}
