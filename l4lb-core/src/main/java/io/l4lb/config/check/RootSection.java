package io.l4lb.config.check;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.NodeConfig;
import io.l4lb.config.access.AccessList;
import io.l4lb.config.access.AccessListSection;
import io.l4lb.config.access.FlowTermsSection;
import io.l4lb.config.announce.AnnounceSection;
import io.l4lb.config.replication.ReplicationSection;
import io.l4lb.config.yaml.Findings;
import io.l4lb.config.yaml.MappingReader;
import io.l4lb.config.yaml.Setting;
import io.l4lb.config.yaml.ValueKind;
import io.l4lb.config.yaml.YamlNode;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Track;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The whole file. */
record RootSection(
        Setting<NodeSection> node,
        DataplaneSection dataplane,
        Setting<AnnounceSection> announce,
        Setting<ReplicationSection> replication,
        Setting<List<AccessListSection>> accessLists,
        Setting<List<PoolSection>> poolList,
        Setting<List<VipSection>> vipList) {
    static RootSection read(YamlNode node, Findings findings) {
        MappingReader root = new MappingReader(
                node,
                "",
                findings,
                List.of("node", "dataplane", "announce", "replication", "accessLists", "pools", "vips"));
        RootSection section = new RootSection(
                root.section("node", (at, path) -> NodeSection.read(at, path, findings))
                        .required("a mapping with id"),
                root.sectionOrDefaults("dataplane", (at, path) -> DataplaneSection.read(at, path, findings)),
                root.section("announce", (at, path) -> AnnounceSection.read(at, path, findings)),
                root.section("replication", (at, path) -> ReplicationSection.read(at, path, findings)),
                root.list("accessLists", (at, path) -> AccessListSection.read(at, path, findings))
                        .orElse(List.of()),
                root.list("pools", (at, path) -> PoolSection.read(at, path, findings))
                        .required("one or more pools"),
                root.list("vips", (at, path) -> VipSection.read(at, path, findings))
                        .required("one or more VIPs"));
        refuseEmpty(section.poolList, "one or more pools");
        refuseEmpty(section.vipList, "one or more VIPs");
        return section;
    }

    static <T> void refuseEmpty(Setting<List<T>> list, String expected) {
        if (list.value().filter(List::isEmpty).isPresent()) {
            list.fault(expected);
        }
    }

    List<PoolSection> pools() {
        return poolList.value().orElse(List.of());
    }

    List<VipSection> vips() {
        return vipList.value().orElse(List.of());
    }

    /** Checks the announcements against VIPs and outer sources. */
    void checkAnnounce() {
        List<IpAddress> addresses =
                vips().stream().flatMap(vip -> vip.address().value().stream()).toList();
        announce.value().ifPresent(section -> {
            section.check(addresses, outerIpv4(), outerIpv6());
            node.value()
                    .flatMap(known -> known.id().value())
                    .ifPresent(id -> section.checkInterface(id, dataplane.interfaces()));
            pools().stream()
                    .filter(pool -> !pool.backends().isEmpty())
                    .forEach(pool -> pool.name()
                            .value()
                            .ifPresent(name ->
                                    section.warnOfPool(name, pool.backends().size())));
        });
    }

    /** Checks the VIPs' access lists. */
    void checkAccess() {
        FlowTermsSection.check(
                vips().stream().map(VipSection::terms).toList(),
                accessLists.value().orElse(List.of()));
        accessLists
                .value()
                .filter(lists -> lists.size() > AccessList.LISTS_MAX)
                .ifPresent(_ -> accessLists.fault("at most " + AccessList.LISTS_MAX + " lists"));
    }

    /** Checks what peers are told against the node and its VIPs. */
    void checkReplication() {
        Optional<String> nodeId = node.value().flatMap(section -> section.id().value());
        long ownFlows = dataplane.ownFlows();
        replication.value().ifPresent(section -> section.check(nodeId, ownFlows));
        if (!replication.isGiven()) {
            vips().stream()
                    .map(VipSection::track)
                    .filter(track -> track.value()
                            .filter(chosen -> track.isGiven() && chosen != Track.NONE)
                            .isPresent())
                    .forEach(track -> track.warn("without a section replication no flow is tracked"));
        }
    }

    private Optional<IpAddress> outerIpv4() {
        return dataplane.outerSource().ipv4().value();
    }

    private Optional<IpAddress> outerIpv6() {
        return dataplane.outerSource().ipv6().value();
    }

    L4lbConfig config() {
        Map<String, AccessList> lists = FlowTermsSection.lists(accessLists.get());
        return new L4lbConfig(
                node.get().config(),
                dataplane.config(),
                announce.value().map(section -> section.config(node.get().id().get(), outerIpv4(), outerIpv6())),
                replication.value().map(ReplicationSection::config),
                pools().stream().map(PoolSection::config).toList(),
                vips().stream().map(vip -> vip.config(lists)).toList());
    }

    /** {@code node:}. */
    record NodeSection(Setting<String> id, Setting<Path> stateDirectory, Setting<Boolean> watch) {
        private static final ValueKind<Path> ABSOLUTE_PATH = ValueKind.of(
                RootSection::absolutePath, "an absolute path, such as " + NodeConfig.DEFAULT_STATE_DIRECTORY);

        static NodeSection read(YamlNode node, String path, Findings findings) {
            MappingReader mapping = new MappingReader(node, path, findings, List.of("id", "stateDirectory", "watch"));
            return new NodeSection(
                    mapping.value("id", ValueKind.name()).required("a name that is unique in the cluster"),
                    mapping.value("stateDirectory", ABSOLUTE_PATH).orElse(NodeConfig.DEFAULT_STATE_DIRECTORY),
                    mapping.value("watch", ValueKind.truth()).orElse(false));
        }

        NodeConfig config() {
            return new NodeConfig(id.get(), stateDirectory.get(), watch.get());
        }
    }

    private static Optional<Path> absolutePath(YamlNode.Scalar scalar) {
        // Checked as text first, because Path.of throws for a NUL.
        return ValueKind.text()
                .read()
                .apply(scalar)
                .filter(text -> text.startsWith("/"))
                .map(Path::of);
    }
}
