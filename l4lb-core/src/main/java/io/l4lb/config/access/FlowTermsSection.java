package io.l4lb.config.access;

import io.l4lb.config.yaml.MappingReader;
import io.l4lb.config.yaml.Setting;
import io.l4lb.config.yaml.ValueKind;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The keys of a VIP that are {@link FlowTerms}. */
public record FlowTermsSection(Setting<String> accessList) {
    /** Keys of a VIP. */
    public static final List<String> KEYS = List.of("accessList");

    /** More names than this in one message help nobody. */
    private static final int MAX_NAMED = 10;

    /** {@return what a VIP's mapping says of them} */
    public static FlowTermsSection read(MappingReader vip) {
        return new FlowTermsSection(vip.value("accessList", ValueKind.name()));
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

    /** {@return them, in a file without faults} */
    public FlowTerms config(Map<String, AccessList> lists) {
        return new FlowTerms(accessList.value().map(lists::get));
    }

    /** {@return the lists by name, in a file without faults; each made once} */
    public static Map<String, AccessList> lists(List<AccessListSection> lists) {
        return lists.stream().map(AccessListSection::config).collect(Collectors.toMap(AccessList::name, list -> list));
    }
}
