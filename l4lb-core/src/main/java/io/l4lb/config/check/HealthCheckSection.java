package io.l4lb.config.check;

import io.l4lb.config.HealthCheckConfig;
import io.l4lb.config.yaml.Findings;
import io.l4lb.config.yaml.MappingReader;
import io.l4lb.config.yaml.Setting;
import io.l4lb.config.yaml.ValueKind;
import io.l4lb.config.yaml.YamlNode;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code healthCheck:}; the type {@code none} is the same as no such section. */
record HealthCheckSection(
        Setting<Optional<HealthCheckConfig.Type>> type,
        Setting<Integer> l4Port,
        Setting<String> path,
        Setting<Integer> intervalMs,
        Setting<Integer> timeoutMs,
        Setting<Integer> rise,
        Setting<Integer> fall) {
    private static final String NO_CHECK = "none";
    private static final Pattern PATH = Pattern.compile("/[\\x21-\\x7e]{0,1023}");
    private static final ValueKind<String> URL_PATH = ValueKind.of(
            scalar ->
                    Optional.of(scalar.text()).filter(text -> PATH.matcher(text).matches()),
            "a path that starts with / and has no spaces");
    private static final ValueKind<Optional<HealthCheckConfig.Type>> TYPE =
            ValueKind.of(HealthCheckSection::typeOf, "one of " + labels() + ", " + NO_CHECK);

    static HealthCheckSection read(YamlNode node, String path, Findings findings) {
        MappingReader mapping = new MappingReader(
                node, path, findings, List.of("type", "l4Port", "path", "intervalMs", "timeoutMs", "rise", "fall"));
        ValueKind<Integer> milliseconds = ValueKind.integer(1, HealthCheckConfig.MAX_INTERVAL_MS);
        ValueKind<Integer> count = ValueKind.integer(1, HealthCheckConfig.MAX_COUNT);
        HealthCheckSection section = new HealthCheckSection(
                mapping.value("type", TYPE).required("one of " + labels() + ", " + NO_CHECK),
                mapping.value("l4Port", ValueKind.integer(1, VipSection.MAX_L4_PORT)),
                mapping.value("path", URL_PATH),
                mapping.value("intervalMs", milliseconds),
                mapping.value("timeoutMs", milliseconds),
                mapping.value("rise", count),
                mapping.value("fall", count));
        section.type.value().ifPresent(section::checkAgainst);
        return section;
    }

    /** {@return what to check, or empty for type none} */
    Optional<HealthCheckConfig> config() {
        return type.get()
                .map(checked -> new HealthCheckConfig(
                        checked,
                        l4Port.get(),
                        checked == HealthCheckConfig.Type.TCP
                                ? Optional.empty()
                                : path.value().or(() -> Optional.of(HealthCheckConfig.DEFAULT_PATH)),
                        interval(),
                        timeout(),
                        rise.orElse(HealthCheckConfig.DEFAULT_RISE).get(),
                        fall.orElse(HealthCheckConfig.DEFAULT_FALL).get()));
    }

    private void checkAgainst(Optional<HealthCheckConfig.Type> checked) {
        if (checked.isEmpty()) {
            Stream.of(l4Port, path, intervalMs, timeoutMs, rise, fall)
                    .filter(Setting::isGiven)
                    .forEach(setting -> setting.fault("no such key with type " + NO_CHECK));
            return;
        }
        l4Port.required("the port to connect to, 1 to " + VipSection.MAX_L4_PORT);
        if (checked.get() == HealthCheckConfig.Type.TCP && path.isGiven()) {
            path.fault("no such key with type tcp");
        }
        boolean isWrong = (intervalMs.isGiven() && intervalMs.value().isEmpty())
                || (timeoutMs.isGiven() && timeoutMs.value().isEmpty());
        if (!isWrong && timeout() > interval()) {
            Setting<Integer> culprit = timeoutMs.isGiven() ? timeoutMs : intervalMs;
            culprit.fault("timeoutMs (" + timeout() + ") of at most intervalMs (" + interval() + ")");
        }
    }

    private int interval() {
        return intervalMs.orElse(HealthCheckConfig.DEFAULT_INTERVAL_MS).get();
    }

    private int timeout() {
        return timeoutMs.orElse(HealthCheckConfig.DEFAULT_TIMEOUT_MS).get();
    }

    private static Optional<Optional<HealthCheckConfig.Type>> typeOf(YamlNode.Scalar scalar) {
        Optional<HealthCheckConfig.Type> type = Arrays.stream(HealthCheckConfig.Type.values())
                .filter(candidate -> candidate.label().equals(scalar.text()))
                .findFirst();
        return type.isPresent() || NO_CHECK.equals(scalar.text()) ? Optional.of(type) : Optional.empty();
    }

    private static String labels() {
        return Arrays.stream(HealthCheckConfig.Type.values())
                .map(HealthCheckConfig.Type::label)
                .collect(Collectors.joining(", "));
    }
}
