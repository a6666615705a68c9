package io.l4lb.config.check;

import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.DataplaneConfig.Fragments;
import io.l4lb.config.EthPortConfig.KernelInterface;
import io.l4lb.config.FlowTableConfig;
import io.l4lb.config.IdleMode;
import io.l4lb.config.OuterSourceConfig;
import io.l4lb.config.kind.AddressKinds;
import io.l4lb.config.yaml.Findings;
import io.l4lb.config.yaml.MappingReader;
import io.l4lb.config.yaml.Setting;
import io.l4lb.config.yaml.ValueKind;
import io.l4lb.config.yaml.YamlNode;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code dataplane:}; all of it has defaults. */
record DataplaneSection(
        Setting<List<Setting<String>>> eal,
        Setting<List<EthPortSection>> ethPorts,
        Setting<Integer> workers,
        Setting<List<Setting<Integer>>> lcores,
        Setting<IdleMode> idle,
        OuterSourceSection outerSource,
        Setting<MacAddress> nextHop,
        Setting<Integer> mtuBytes,
        FlowTableSection flowTable,
        Setting<Integer> puntPacketsPerSecond,
        LimitsSection limits,
        FragmentsSection fragments) {
    private static final List<String> KEYS = List.of(
            "eal",
            "ethPorts",
            "workers",
            "lcores",
            "idle",
            "outerSource",
            "nextHop",
            "mtuBytes",
            "flowTable",
            "puntPacketsPerSecond",
            "limits",
            "fragments");

    static DataplaneSection read(YamlNode node, String path, Findings findings) {
        MappingReader mapping = new MappingReader(node, path, findings, KEYS);
        return new DataplaneSection(
                mapping.values("eal", ValueKind.text()).orElse(List.of()),
                mapping.list("ethPorts", (at, atPath) -> EthPortSection.read(at, atPath, findings))
                        .orElse(List.of()),
                mapping.value("workers", ValueKind.integer(1, DataplaneConfig.MAX_WORKERS))
                        .orElse(DataplaneConfig.DEFAULT_WORKERS),
                mapping.values("lcores", ValueKind.integer(0, DataplaneConfig.MAX_LCORE))
                        .orElse(List.of()),
                mapping.value("idle", ValueKind.word(IdleMode.class, IdleMode::label))
                        .orElse(IdleMode.SPIN),
                mapping.sectionOrDefaults("outerSource", (at, atPath) -> OuterSourceSection.read(at, atPath, findings)),
                mapping.value("nextHop", AddressKinds.UNICAST_MAC),
                mapping.value(
                                "mtuBytes",
                                ValueKind.integer(DataplaneConfig.MIN_MTU_BYTES, DataplaneConfig.MAX_MTU_BYTES))
                        .orElse(DataplaneConfig.DEFAULT_MTU_BYTES),
                mapping.sectionOrDefaults("flowTable", (at, atPath) -> FlowTableSection.read(at, atPath, findings)),
                mapping.value(
                                "puntPacketsPerSecond",
                                ValueKind.integer(
                                        DataplaneConfig.MIN_PUNT_PACKETS_PER_SECOND,
                                        DataplaneConfig.MAX_PUNT_PACKETS_PER_SECOND))
                        .orElse(DataplaneConfig.DEFAULT_PUNT_PACKETS_PER_SECOND),
                mapping.sectionOrDefaults("limits", (at, atPath) -> LimitsSection.read(at, atPath, findings)),
                mapping.sectionOrDefaults("fragments", (at, atPath) -> FragmentsSection.read(at, atPath, findings)));
    }

    DataplaneConfig config() {
        return new DataplaneConfig(
                eal.get().stream().map(Setting::get).toList(),
                ethPorts.get().stream().map(EthPortSection::config).toList(),
                workers.get(),
                lcores.get().stream().map(Setting::get).toList(),
                idle.get(),
                new OuterSourceConfig(outerSource.ipv4.value(), outerSource.ipv6.value()),
                nextHop.value(),
                mtuBytes.get(),
                flowTable.config(),
                puntPacketsPerSecond.get(),
                new DataplaneConfig.Limits(limits.icmpPerSecond.get(), limits.newFlowsPerSecond.get()),
                fragments.config());
    }

    /** {@return how many flows the tables of all workers hold together; 0 if a setting of theirs is wrong} */
    long ownFlows() {
        return workers.value().orElse(0) * (long) flowTable.flows.value().orElse(0);
    }

    /** {@return the kernel's interfaces that ethPorts use, or make} */
    Set<String> interfaces() {
        return ethPorts.value().orElse(List.of()).stream()
                .flatMap(EthPortSection::interfaces)
                .collect(Collectors.toSet());
    }

    /** Checks what the settings have to agree on. */
    void check() {
        List<EthPortSection> sections = ethPorts.value().orElse(List.of());
        Setting.refuseRepeats(sections.stream().map(EthPortSection::name), "a name of its own");
        Setting.refuseRepeats(sections.stream().map(EthPortSection::device), "a device of its own");
        if (ethPorts.value().filter(List::isEmpty).isPresent()) {
            ethPorts.warn("none: enough to check, replay and explain, but not to run");
        }
        Setting.refuseRepeats(
                sections.stream().flatMap(section -> section.kernelName().stream()), "an interface of its own");
        sections.forEach(EthPortSection::check);
        List<Setting<Integer>> cpus = lcores.value().orElse(List.of());
        Setting.refuseRepeats(cpus.stream(), "a CPU for each worker alone");
        workers.value()
                .filter(count -> count > KernelInterface.WORKERS_MAX
                        && sections.stream()
                                .anyMatch(section -> section.kernelInterface().isGiven()))
                .ifPresent(_ -> workers.fault("at most " + KernelInterface.WORKERS_MAX
                        + " with a kernelInterface: DPDK's net_tap has no more queues"));
        workers.value()
                .filter(count -> !cpus.isEmpty() && cpus.size() != count)
                .ifPresent(count -> lcores.fault("as many CPUs as workers (" + count + "), not " + cpus.size()));
    }

    /** {@code outerSource:}. */
    record OuterSourceSection(Setting<IpAddress> ipv4, Setting<IpAddress> ipv6) {
        static OuterSourceSection read(YamlNode node, String path, Findings findings) {
            MappingReader mapping = new MappingReader(node, path, findings, List.of("ipv4", "ipv6"));
            return new OuterSourceSection(
                    mapping.value("ipv4", AddressKinds.UNICAST_IPV4), mapping.value("ipv6", AddressKinds.UNICAST_IPV6));
        }
    }

    /** {@code limits:}. */
    record LimitsSection(Setting<Integer> icmpPerSecond, Setting<Integer> newFlowsPerSecond) {
        static LimitsSection read(YamlNode node, String path, Findings findings) {
            MappingReader mapping =
                    new MappingReader(node, path, findings, List.of("icmpPerSecond", "newFlowsPerSecond"));
            return new LimitsSection(
                    mapping.value("icmpPerSecond", ValueKind.integer(1, DataplaneConfig.Limits.MAX_ICMP_PER_SECOND))
                            .orElse(DataplaneConfig.Limits.DEFAULT_ICMP_PER_SECOND),
                    mapping.value(
                                    "newFlowsPerSecond",
                                    ValueKind.integer(0, DataplaneConfig.Limits.MAX_NEW_FLOWS_PER_SECOND))
                            .orElse(0));
        }
    }

    /** {@code fragments:}. */
    record FragmentsSection(
            Setting<Integer> datagrams, Setting<Integer> heldPackets, Setting<Integer> holdMilliseconds) {
        static FragmentsSection read(YamlNode node, String path, Findings findings) {
            MappingReader mapping =
                    new MappingReader(node, path, findings, List.of("datagrams", "heldPackets", "holdMilliseconds"));
            return new FragmentsSection(
                    mapping.value("datagrams", ValueKind.integer(Fragments.MIN_DATAGRAMS, Fragments.MAX_DATAGRAMS))
                            .orElse(Fragments.DEFAULT_DATAGRAMS),
                    mapping.value("heldPackets", ValueKind.integer(0, Fragments.MAX_HELD_PACKETS))
                            .orElse(Fragments.DEFAULT_HELD_PACKETS),
                    mapping.value("holdMilliseconds", ValueKind.integer(1, Fragments.MAX_HOLD_MILLISECONDS))
                            .orElse(Fragments.DEFAULT_HOLD_MILLISECONDS));
        }

        Fragments config() {
            return new Fragments(datagrams.get(), heldPackets.get(), holdMilliseconds.get());
        }
    }

    /** {@code flowTable:}. */
    record FlowTableSection(Setting<Integer> flows, IdleSecondsSection idleSeconds) {
        static FlowTableSection read(YamlNode node, String path, Findings findings) {
            MappingReader mapping = new MappingReader(node, path, findings, List.of("flows", "idleSeconds"));
            return new FlowTableSection(
                    mapping.value("flows", ValueKind.integer(FlowTableConfig.MIN_FLOWS, FlowTableConfig.MAX_FLOWS))
                            .orElse(FlowTableConfig.DEFAULT_FLOWS),
                    mapping.sectionOrDefaults(
                            "idleSeconds", (at, atPath) -> IdleSecondsSection.read(at, atPath, findings)));
        }

        FlowTableConfig config() {
            return new FlowTableConfig(flows.get(), idleSeconds.tcp.get(), idleSeconds.udp.get());
        }
    }

    /** {@code idleSeconds:}. */
    record IdleSecondsSection(Setting<Integer> tcp, Setting<Integer> udp) {
        static IdleSecondsSection read(YamlNode node, String path, Findings findings) {
            MappingReader mapping = new MappingReader(node, path, findings, List.of("tcp", "udp"));
            ValueKind<Integer> seconds = ValueKind.integer(1, FlowTableConfig.MAX_IDLE_SECONDS);
            return new IdleSecondsSection(
                    mapping.value("tcp", seconds).orElse(FlowTableConfig.DEFAULT_TCP_IDLE_SECONDS),
                    mapping.value("udp", seconds).orElse(FlowTableConfig.DEFAULT_UDP_IDLE_SECONDS));
        }
    }
}
