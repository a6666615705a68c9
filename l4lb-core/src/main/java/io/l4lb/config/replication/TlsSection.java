package io.l4lb.config.replication;

import io.l4lb.config.replication.ReplicationConfig.TlsConfig;
import io.l4lb.config.yaml.Findings;
import io.l4lb.config.yaml.MappingReader;
import io.l4lb.config.yaml.Setting;
import io.l4lb.config.yaml.ValueKind;
import io.l4lb.config.yaml.YamlNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code tls:}, a mapping of files or the word none.
 *
 * @param isNone whether it is the word
 * @param files empty: the word, or something wrong
 */
public record TlsSection(boolean isNone, Optional<FilesSection> files) {
    static final String EXPECTED =
            "{certificate: FILE, key: FILE, ca: FILE}, PEM files with which nodes know each other;"
                    + " or the word none, if all that reach them may read and write this cluster's flows";
    private static final String NONE = "none";
    private static final ValueKind<Path> ABSOLUTE_PATH = ValueKind.of(
            scalar -> ValueKind.text()
                    .read()
                    .apply(scalar)
                    .filter(text -> text.startsWith("/"))
                    .map(Path::of),
            "an absolute path of a PEM file, such as /etc/l4lb/lb1.pem");

    static TlsSection read(YamlNode node, String path, Findings findings) {
        if (node instanceof YamlNode.Scalar scalar) {
            boolean isNone = NONE.equals(scalar.text());
            if (!isNone) {
                findings.fault(node.line(), path, node.written(), EXPECTED);
            }
            return new TlsSection(isNone, Optional.empty());
        }
        return new TlsSection(false, Optional.of(FilesSection.read(node, path, findings)));
    }

    Optional<TlsConfig> config() {
        return files.map(FilesSection::config);
    }

    /** The mapping. */
    public record FilesSection(Setting<Path> certificate, Setting<Path> key, Setting<Path> ca) {
        static FilesSection read(YamlNode node, String path, Findings findings) {
            MappingReader mapping = new MappingReader(node, path, findings, List.of("certificate", "key", "ca"));
            return new FilesSection(
                    mapping.value("certificate", ABSOLUTE_PATH)
                            .required(
                                    "this node's certificate, PEM, with node.id as a DNS name; tls: none for plain TCP"),
                    mapping.value("key", ABSOLUTE_PATH)
                            .required("the certificate's private key, PEM; tls: none for plain TCP"),
                    mapping.value("ca", ABSOLUTE_PATH)
                            .required("the certificates that peers' ones are signed by, PEM; tls: none for plain TCP"));
        }

        TlsConfig config() {
            return new TlsConfig(certificate.get(), key.get(), ca.get());
        }
    }
}
