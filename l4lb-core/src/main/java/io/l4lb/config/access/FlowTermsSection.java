package io.l4lb.config.access;

import io.l4lb.config.yaml.MappingReader;
import io.l4lb.config.yaml.Setting;
import io.l4lb.config.yaml.ValueKind;
import io.l4lb.net.Protocol;
import io.l4lb.net.Track;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The keys of a VIP that are {@link FlowTerms}. */
public record FlowTermsSection(
        Setting<String> accessList,
        Setting<Integer> newFlowsPerSecond,
        Setting<Integer> idleSeconds,
        Setting<FlowTerms.Mode> mode) {
    /** Keys of a VIP. */
    public static final List<String> KEYS = List.of("accessList", "newFlowsPerSecond", "idleSeconds", "mode");

    /** More names than this in one message help nobody. */
    private static final int MAX_NAMED = 10;

    /** {@return what a VIP's mapping says of them} */
    public static FlowTermsSection read(MappingReader vip) {
        return new FlowTermsSection(
                vip.value("accessList", ValueKind.name()),
                vip.value("newFlowsPerSecond", ValueKind.integer(0, FlowTerms.MAX_NEW_FLOWS_PER_SECOND))
                        .orElse(0),
                vip.value("idleSeconds", ValueKind.integer(1, FlowTerms.MAX_IDLE_SECONDS)),
                vip.value("mode", ValueKind.word(FlowTerms.Mode.class, FlowTerms.Mode::label))
                        .orElse(FlowTerms.Mode.STATEFUL));
    }

    /** Checks that the lists are there. */
    public static void check(List<FlowTermsSection> vips, List<AccessListSection> lists) {
        Setting.refuseRepeats(lists.stream().map(AccessListSection::name), "a name of its own");
        List<String> names =
                lists.stream().flatMap(list -> list.name().value().stream()).toList();
        List<Setting<String>> used = vips.stream()
                .map(FlowTermsSection::accessList)
                .filter(list -> list.value().isPresent())
                .toList();
        used.stream()
                .filter(list -> !names.contains(list.get()))
                .forEach(list -> list.fault("the name of an access list"
                        + (names.isEmpty() || names.size() > MAX_NAMED ? "" : ": " + String.join(", ", names))));
        List<String> usedNames = used.stream().map(Setting::get).toList();
        lists.stream()
                .map(AccessListSection::name)
                .filter(name ->
                        name.value().filter(each -> !usedNames.contains(each)).isPresent())
                .forEach(name -> name.warn("no VIP uses this access list"));
    }

    /**
     * Checks the mode against the VIP's other keys.
     *
     * @param track of the VIP
     */
    public void checkMode(Setting<Protocol> protocol, Setting<Track> track) {
        if (mode.value().filter(FlowTerms.Mode.STATELESS::equals).isEmpty()) {
            return;
        }
        if (protocol.value().filter(Protocol.UDP::equals).isEmpty()) {
            mode.fault("stateful; only a udp VIP can be stateless");
        }
        Stream.of(idleSeconds, newFlowsPerSecond, track)
                .filter(Setting::isGiven)
                .forEach(key -> key.fault("no such key with mode stateless, which keeps no flows"));
    }

    /** {@return them, in a file without faults} */
    public FlowTerms config(Map<String, AccessList> lists) {
        return new FlowTerms(
                accessList.value().map(lists::get),
                newFlowsPerSecond.get(),
                idleSeconds.value().orElse(0),
                mode.get());
    }

    /** {@return the lists by name, in a file without faults; each made once} */
    public static Map<String, AccessList> lists(List<AccessListSection> lists) {
        return lists.stream().map(AccessListSection::config).collect(Collectors.toMap(AccessList::name, list -> list));
    }
}
