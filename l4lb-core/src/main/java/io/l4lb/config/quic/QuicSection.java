package io.l4lb.config.quic;

import io.l4lb.cid.CidKey;
import io.l4lb.cid.CidScheme;
import io.l4lb.cid.ConnectionIdDescriptor;
import io.l4lb.cid.ServerId;
import io.l4lb.config.yaml.Findings;
import io.l4lb.config.yaml.MappingReader;
import io.l4lb.config.yaml.Setting;
import io.l4lb.config.yaml.ValueKind;
import io.l4lb.config.yaml.YamlNode;
import java.util.List;
import java.util.Optional;

/** {@code quic:} of a VIP. */
public record QuicSection(Setting<List<SchemeSection>> configList) {
    /** For the backends' settings. */
    public static final ValueKind<ServerId> SERVER_ID = ValueKind.of(
            scalar -> ServerId.parse(scalar.text()),
            "2 to " + 2 * ConnectionIdDescriptor.SERVER_ID_BYTES_MAX
                    + " hex digits, two for each byte, such as \"0a3f\"");

    public static QuicSection read(YamlNode node, String path, Findings findings) {
        MappingReader mapping = new MappingReader(node, path, findings, List.of("configs"));
        QuicSection section =
                new QuicSection(mapping.list("configs", (at, itemPath) -> SchemeSection.read(at, itemPath, findings))
                        .required("one or more configurations of QUIC-LB"));
        if (section.configList.value().filter(List::isEmpty).isPresent()) {
            section.configList.fault("one or more configurations of QUIC-LB");
        }
        Setting.refuseRepeats(section.configs().stream().map(SchemeSection::id), "an id of its own");
        return section;
    }

    List<SchemeSection> configs() {
        return configList.value().orElse(List.of());
    }

    public QuicConfig config() {
        return new QuicConfig(configs().stream().map(SchemeSection::config).toList());
    }

    /** An entry of {@code configs:}. */
    public record SchemeSection(
            Setting<Integer> id,
            Setting<Integer> serverIdBytes,
            Setting<Integer> nonceBytes,
            Setting<Boolean> encodesLength,
            Setting<CidKey> key,
            Setting<CidKey> keyFile) {
        private static final ValueKind<Integer> SERVER_ID_BYTES = ValueKind.integer(
                ConnectionIdDescriptor.SERVER_ID_BYTES_MIN, ConnectionIdDescriptor.SERVER_ID_BYTES_MAX);
        private static final ValueKind<Integer> NONCE_BYTES =
                ValueKind.integer(ConnectionIdDescriptor.NONCE_BYTES_MIN, ConnectionIdDescriptor.NONCE_BYTES_MAX);
        private static final ValueKind<CidKey> KEY =
                ValueKind.of(scalar -> CidKey.parse(scalar.text()), KeyFile.DIGITS + ", in quotes");

        static SchemeSection read(YamlNode node, String path, Findings findings) {
            MappingReader mapping = new MappingReader(
                    node,
                    path,
                    findings,
                    List.of("id", "serverIdBytes", "nonceBytes", "firstOctetEncodesLength", "key", "keyFile"));
            SchemeSection section = new SchemeSection(
                    mapping.value("id", ValueKind.integer(0, ConnectionIdDescriptor.UNROUTABLE - 1))
                            .required("the configuration bits of its connection IDs, 0 to 6"),
                    mapping.value("serverIdBytes", SERVER_ID_BYTES).required("how long a server ID is, 1 to 15"),
                    mapping.value("nonceBytes", NONCE_BYTES).required("how long a nonce is, 4 to 18"),
                    mapping.value("firstOctetEncodesLength", ValueKind.truth()).orElse(false),
                    mapping.secret("key", KEY),
                    mapping.value("keyFile", KeyFile.KIND));
            section.check();
            return section;
        }

        private void check() {
            Optional<Integer> both =
                    serverIdBytes.value().flatMap(ids -> nonceBytes.value().map(nonce -> ids + nonce));
            if (both.filter(bytes -> bytes > ConnectionIdDescriptor.BLOCK_BYTES_MAX)
                    .isPresent()) {
                nonceBytes.fault("at most " + (ConnectionIdDescriptor.BLOCK_BYTES_MAX - serverIdBytes.get())
                        + ": server ID and nonce together have at most " + ConnectionIdDescriptor.BLOCK_BYTES_MAX
                        + " bytes");
            }
            if (key.isGiven() && keyFile.isGiven()) {
                keyFile.fault("no such key beside " + key.key());
            }
        }

        CidScheme config() {
            return new CidScheme(
                    id.get(),
                    serverIdBytes.get(),
                    nonceBytes.get(),
                    encodesLength.get(),
                    key.value().or(keyFile::value));
        }
    }
}
