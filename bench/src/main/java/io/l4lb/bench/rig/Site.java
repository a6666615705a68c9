package io.l4lb.bench.rig;

import io.l4lb.bench.strict.Service;
import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.FlowTableConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.check.ConfigReader;
import io.l4lb.config.check.ConfigResult;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.net.MacAddress;
import io.l4lb.pin.Pin;
import io.l4lb.punt.KernelSide;
import io.l4lb.punt.PuntLimit;
import io.l4lb.worker.Worker;
import io.l4lb.worker.WorkerEthPort;
import io.l4lb.worker.WorkerTerms;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A configuration, and workers that forward by it. */
public final class Site {
    private static final MacAddress MAC = MacAddress.parse("02:70:63:61:70:00").orElseThrow();

    private final L4lbConfig config;
    private final Service service;

    private Site(L4lbConfig config) {
        this.config = config;
        service = new Service(config, MAC);
    }

    public static Site of(Path file) {
        return switch (ConfigReader.read(file)) {
            case ConfigResult.Loaded loaded -> new Site(loaded.config());
            case ConfigResult.Rejected rejected ->
                throw new IllegalStateException(rejected.faults().toString());
        };
    }

    Service service() {
        return service;
    }

    /** {@return what to forward by; it learns of paths, so each worker has its own} */
    ForwardingTable table() {
        Optional<MacAddress> nextHop = config.dataplane().nextHop();
        return new ForwardingTableBuilder(config, new ForwardingNumbers(), List.of(MAC), _ -> nextHop).build();
    }

    /** {@return a worker that knows nothing yet}; all its random choices are made by fixed seeds, so that an input repeats what it did */
    Worker worker(Devices devices, ForwardingTable table) {
        DataplaneConfig dataplane = config.dataplane();
        FlowTableConfig flows = dataplane.flowTable();
        WorkerTerms terms = WorkerTerms.of(dataplane, 0);
        FlowTimeouts timeouts = new FlowTimeouts(flows.tcpIdleSeconds(), flows.udpIdleSeconds());
        Pin pin = new Pin(flows.flows(), true, true, timeouts, Optional.empty(), terms.newFlowLimit());
        PuntLimit limit = new PuntLimit(dataplane.puntPacketsPerSecond(), 0);
        KernelSide kernelSide = new KernelSide((_, _) -> 0, devices.puntQueue, limit);
        WorkerEthPort ethPort = WorkerEthPort.of(devices.rxQueue, devices.txQueue, devices.source, kernelSide);
        return new Worker(List.of(ethPort), devices.release, terms, pin, table);
    }
}
