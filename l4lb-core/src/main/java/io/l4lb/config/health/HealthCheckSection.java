package io.l4lb.config.health;

import io.l4lb.config.HealthCheckConfig;
import io.l4lb.config.HealthCheckConfig.Pace;
import io.l4lb.config.HealthCheckConfig.Request;
import io.l4lb.config.HealthCheckConfig.Via;
import io.l4lb.config.yaml.Findings;
import io.l4lb.config.yaml.MappingReader;
import io.l4lb.config.yaml.Setting;
import io.l4lb.config.yaml.ValueKind;
import io.l4lb.config.yaml.YamlNode;
import io.l4lb.net.IpAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code healthCheck:}; the type {@code none} is the same as no such section. */
public final class HealthCheckSection {
    private static final List<String> KEYS = List.of(
            "type",
            "via",
            "l4Port",
            "path",
            "serverName",
            "expectedStatus",
            "body",
            "verifyCertificate",
            "query",
            "service",
            "sourceAddress",
            "intervalMs",
            "timeoutMs",
            "rise",
            "fall");

    /** Which types know a key that not all of them know. */
    private static final Map<String, Set<HealthCheckConfig.Type>> TYPES_OF_KEY = Map.of(
            "l4Port",
                    Set.of(
                            HealthCheckConfig.Type.TCP,
                            HealthCheckConfig.Type.HTTP,
                            HealthCheckConfig.Type.HTTPS,
                            HealthCheckConfig.Type.DNS,
                            HealthCheckConfig.Type.GRPC),
            "path", Set.of(HealthCheckConfig.Type.HTTP, HealthCheckConfig.Type.HTTPS),
            "serverName",
                    Set.of(HealthCheckConfig.Type.HTTP, HealthCheckConfig.Type.HTTPS, HealthCheckConfig.Type.GRPC),
            "expectedStatus", Set.of(HealthCheckConfig.Type.HTTP, HealthCheckConfig.Type.HTTPS),
            "body", Set.of(HealthCheckConfig.Type.HTTP, HealthCheckConfig.Type.HTTPS),
            "verifyCertificate", Set.of(HealthCheckConfig.Type.HTTPS),
            "query", Set.of(HealthCheckConfig.Type.DNS),
            "service", Set.of(HealthCheckConfig.Type.GRPC));

    private final Setting<Optional<HealthCheckConfig.Type>> type;
    private final Setting<Via> via;
    private final Setting<Integer> l4Port;
    private final Setting<String> path;
    private final Setting<String> serverName;
    private final Setting<HealthCheckKinds.StatusRange> expectedStatus;
    private final Setting<String> body;
    private final Setting<Boolean> verifyCertificate;
    private final Setting<String> query;
    private final Setting<String> service;
    private final Setting<IpAddress> sourceAddress;
    private final Setting<Integer> intervalMs;
    private final Setting<Integer> timeoutMs;
    private final Setting<Integer> rise;
    private final Setting<Integer> fall;

    private HealthCheckSection(MappingReader mapping) {
        ValueKind<Integer> milliseconds = ValueKind.integer(1, Pace.MAX_INTERVAL_MS);
        ValueKind<Integer> count = ValueKind.integer(1, Pace.MAX_COUNT);
        type = mapping.value("type", HealthCheckKinds.TYPE).required("one of " + HealthCheckKinds.labels());
        via = mapping.value("via", ValueKind.word(Via.class, Via::label));
        l4Port = mapping.value("l4Port", ValueKind.integer(1, HealthCheckKinds.MAX_L4_PORT));
        path = mapping.value("path", HealthCheckKinds.PATH);
        serverName = mapping.value("serverName", HealthCheckKinds.SERVER_NAME);
        expectedStatus = mapping.value("expectedStatus", HealthCheckKinds.EXPECTED_STATUS);
        body = mapping.value("body", HealthCheckKinds.BODY);
        verifyCertificate = mapping.value("verifyCertificate", HealthCheckKinds.TRUTH);
        query = mapping.value("query", HealthCheckKinds.QUERY);
        service = mapping.value("service", HealthCheckKinds.SERVICE);
        sourceAddress = mapping.value("sourceAddress", HealthCheckKinds.SOURCE_ADDRESS);
        intervalMs = mapping.value("intervalMs", milliseconds);
        timeoutMs = mapping.value("timeoutMs", milliseconds);
        rise = mapping.value("rise", count);
        fall = mapping.value("fall", count);
    }

    /** Reads the section and checks what its own settings have to agree on. */
    public static HealthCheckSection read(YamlNode node, String path, Findings findings) {
        HealthCheckSection section = new HealthCheckSection(new MappingReader(node, path, findings, KEYS));
        section.type.value().ifPresent(section::checkAgainst);
        return section;
    }

    /** {@return what to check, or empty for type none} Only of a file without faults. */
    public Optional<HealthCheckConfig> config() {
        return type.get()
                .map(checked -> new HealthCheckConfig(
                        checked,
                        via.orElse(Via.DATAPLANE).get(),
                        l4Port.value().orElse(0),
                        sourceAddress.value(),
                        request(),
                        new Pace(
                                interval(),
                                timeout(),
                                rise.orElse(Pace.DEFAULT_RISE).get(),
                                fall.orElse(Pace.DEFAULT_FALL).get())));
    }

    private Request request() {
        HealthCheckKinds.StatusRange status = expectedStatus
                .value()
                .orElse(new HealthCheckKinds.StatusRange(
                        Request.DEFAULT_LOWEST_STATUS, Request.DEFAULT_HIGHEST_STATUS));
        return new Request(
                path.orElse(Request.DEFAULT_PATH).get(),
                serverName.value(),
                status.lowest(),
                status.highest(),
                body.value(),
                verifyCertificate.orElse(false).get(),
                query.orElse(Request.DEFAULT_QUERY).get(),
                service.orElse("").get());
    }

    private Map<String, Setting<?>> optionalSettings() {
        Map<String, Setting<?>> settings = new LinkedHashMap<>();
        settings.put("via", via);
        settings.put("l4Port", l4Port);
        settings.put("path", path);
        settings.put("serverName", serverName);
        settings.put("expectedStatus", expectedStatus);
        settings.put("body", body);
        settings.put("verifyCertificate", verifyCertificate);
        settings.put("query", query);
        settings.put("service", service);
        settings.put("sourceAddress", sourceAddress);
        settings.put("intervalMs", intervalMs);
        settings.put("timeoutMs", timeoutMs);
        settings.put("rise", rise);
        settings.put("fall", fall);
        return settings;
    }

    private void checkAgainst(Optional<HealthCheckConfig.Type> checked) {
        String label = checked.map(HealthCheckConfig.Type::label).orElse(HealthCheckKinds.NO_CHECK);
        optionalSettings().forEach((key, setting) -> {
            boolean isKnown = checked.isPresent()
                    && TYPES_OF_KEY.getOrDefault(key, Set.of(checked.get())).contains(checked.get());
            if (setting.isGiven() && !isKnown) {
                setting.fault("no such key with type " + label);
            }
        });
        checked.ifPresent(this::checkNeeds);
    }

    private void checkNeeds(HealthCheckConfig.Type checked) {
        if (checked != HealthCheckConfig.Type.PING) {
            l4Port.required("the port to connect to, 1 to " + HealthCheckKinds.MAX_L4_PORT);
        }
        boolean verifies = verifyCertificate.value().filter(wanted -> wanted).isPresent();
        if (checked == HealthCheckConfig.Type.HTTPS && verifies && !serverName.isGiven()) {
            verifyCertificate.fault("false, or a serverName that the certificate is to be for");
        }
        boolean isWrong = (intervalMs.isGiven() && intervalMs.value().isEmpty())
                || (timeoutMs.isGiven() && timeoutMs.value().isEmpty());
        if (!isWrong && timeout() > interval()) {
            Setting<Integer> culprit = timeoutMs.isGiven() ? timeoutMs : intervalMs;
            culprit.fault("timeoutMs (" + timeout() + ") of at most intervalMs (" + interval() + ")");
        }
    }

    private int interval() {
        return intervalMs.orElse(Pace.DEFAULT_INTERVAL_MS).get();
    }

    private int timeout() {
        return timeoutMs.orElse(Pace.DEFAULT_TIMEOUT_MS).get();
    }
}
