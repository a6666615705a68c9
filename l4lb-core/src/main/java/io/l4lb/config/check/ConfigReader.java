package io.l4lb.config.check;

import io.l4lb.config.yaml.Findings;
import io.l4lb.config.yaml.YamlFile;
import io.l4lb.config.yaml.YamlTreeBuilder;
import java.nio.file.Path;
import java.util.Optional;

/** Reads and checks a configuration file. Any thread; touches nothing but the file and those that it names, of access lists and keys, and never throws for what is in it. */
public final class ConfigReader {
    private ConfigReader() {}

    public static ConfigResult read(Path file) {
        Findings findings = new Findings(file.toString());
        Optional<RootSection> root = YamlFile.read(file, findings)
                .flatMap(text -> YamlTreeBuilder.build(text, findings))
                .map(tree -> RootSection.read(tree, findings));
        root.ifPresent(section -> {
            section.dataplane().check();
            PoolCheck.check(section.pools());
            VipCheck.check(section);
            section.checkAccess();
            section.checkAnnounce();
            section.checkReplication();
        });
        if (root.isEmpty() || findings.hasFaults()) {
            return new ConfigResult.Rejected(findings.faults(), findings.warnings());
        }
        return new ConfigResult.Loaded(root.get().config(), findings.warnings());
    }
}
