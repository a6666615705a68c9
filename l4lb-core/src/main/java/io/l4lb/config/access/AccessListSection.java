package io.l4lb.config.access;

import io.l4lb.config.yaml.Findings;
import io.l4lb.config.yaml.MappingReader;
import io.l4lb.config.yaml.Setting;
import io.l4lb.config.yaml.ValueKind;
import io.l4lb.config.yaml.YamlNode;
import io.l4lb.net.IpPrefix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An entry of {@code accessLists:}, its file read. */
public final class AccessListSection {
    private final Setting<String> name;
    private final Setting<AccessKinds.Verdict> byDefault;
    private final Setting<Path> file;
    private final Findings findings;
    private final Map<IpPrefix, String> places = new HashMap<>();
    private final List<AccessRule> rules = new ArrayList<>();

    private AccessListSection(MappingReader mapping, Findings findings) {
        this.findings = findings;
        name = mapping.value("name", ValueKind.name()).required("a name");
        byDefault = mapping.value("default", ValueKind.word(AccessKinds.Verdict.class, AccessKinds.Verdict::label))
                .required("allow or deny, for addresses that no prefix holds");
        addAll(mapping.values("allow", AccessKinds.PREFIX), true);
        addAll(mapping.values("deny", AccessKinds.PREFIX), false);
        file = mapping.value("file", AccessKinds.FILE);
        file.value().ifPresent(path -> AccessFile.read(file, findings, (rule, line) -> addOfFile(path, rule, line)));
        if (rules.size() > AccessList.RULES_MAX) {
            name.fault("a list of at most " + AccessList.RULES_MAX + " prefixes, this one has " + rules.size());
        }
    }

    /** {@return what a node says of a list} */
    public static AccessListSection read(YamlNode node, String path, Findings findings) {
        MappingReader mapping =
                new MappingReader(node, path, findings, List.of("name", "default", "allow", "deny", "file"));
        return new AccessListSection(mapping, findings);
    }

    private void addAll(Setting<List<Setting<IpPrefix>>> prefixes, boolean allow) {
        for (Setting<IpPrefix> prefix : prefixes.value().orElse(List.of())) {
            prefix.value().ifPresent(value -> {
                String earlier = places.putIfAbsent(value, "line " + prefix.line());
                if (earlier != null) {
                    prefix.fault("each prefix once; " + earlier + " has it too");
                }
                rules.add(new AccessRule(value, allow));
            });
        }
    }

    private void addOfFile(Path path, AccessRule rule, int line) {
        if (rules.size() <= AccessList.RULES_MAX) { // one too many is kept, for the fault
            String earlier = places.putIfAbsent(rule.prefix(), path + ":" + line);
            if (earlier != null) {
                findings.fault(
                        path.toString(),
                        line,
                        "",
                        rule.prefix().toString(),
                        "each prefix once; " + earlier + " has it too");
            }
            rules.add(rule);
        }
    }

    public Setting<String> name() {
        return name;
    }

    /** {@return the list, in a file without faults} */
    public AccessList config() {
        return new AccessList(name.get(), byDefault.get() == AccessKinds.Verdict.ALLOW, rules);
    }
}
