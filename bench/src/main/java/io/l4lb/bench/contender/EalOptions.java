package io.l4lb.bench.contender;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The EAL's options, the same for every contender.
 *
 * @param cpus one a worker
 * @param hugePages whether there are huge pages for all contenders together
 * @param memoryMegabytes what one contender needs; DPDK wants to be told when it has no huge pages
 * @param capture preloaded into mbufs by each worker's device, then copied one by one for ever
 */
public record EalOptions(List<Integer> cpus, boolean hugePages, int memoryMegabytes, Path capture) {
    public EalOptions {
        cpus = List.copyOf(cpus);
    }

    /** {@return memory options alone} */
    public List<String> memory() {
        return hugePages
                ? List.of("--in-memory", "--no-telemetry")
                : List.of("--no-huge", "--no-shconf", "--no-telemetry", "-m", Integer.toString(memoryMegabytes));
    }

    /**
     * {@return a device with one queue each way for each worker; what is sent is freed}
     *
     * <p>Not one device with a queue for each: in net_pcap the ring that one receive queue reads for each packet lies on
     * the cache line of the next queue's statistics, which costs both workers 5 ns a packet (mac, 1,000 flows: 14.9 in
     * place of 9.8).
     */
    public List<String> devices() {
        return IntStream.range(0, cpus.size())
                .mapToObj(worker -> "net_pcap%d,rx_pcap=%s,infinite_rx=1".formatted(worker, capture.toAbsolutePath()))
                .toList();
    }

    /** {@return all of them, one lcore a worker} */
    List<String> withLcoreForEachWorker() {
        return with("-l" + cpus.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }

    /** {@return all of them, with a main lcore beside the workers', which sleeps} */
    List<String> withMainLcore() {
        String workers = IntStream.range(0, cpus.size())
                .mapToObj(i -> (i + 1) + "@" + cpus.get(i))
                .collect(Collectors.joining(","));
        return with("--lcores=0@0," + workers);
    }

    private List<String> with(String lcores) {
        List<String> options = new ArrayList<>(List.of(lcores, "--no-pci"));
        devices().forEach(device -> options.add("--vdev=" + device));
        options.addAll(memory());
        return options;
    }
}
