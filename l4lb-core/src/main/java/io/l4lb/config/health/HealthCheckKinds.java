package io.l4lb.config.health;

import io.l4lb.config.HealthCheckConfig;
import io.l4lb.config.yaml.ValueKind;
import io.l4lb.config.yaml.YamlNode;
import io.l4lb.net.IpAddress;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What single values of a health check have to be. */
final class HealthCheckKinds {
    static final String NO_CHECK = "none";
    static final int MAX_L4_PORT = 65_535;

    private static final int MAX_BODY_LENGTH = 1024;
    private static final Pattern PATH_TEXT = Pattern.compile("/[\\x21-\\x7e]{0,1023}");
    private static final String LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";
    private static final Pattern HOST_NAME = Pattern.compile(LABEL + "(\\." + LABEL + ")*");
    private static final int HOST_NAME_LENGTH = 253;
    private static final Pattern STATUS = Pattern.compile("([1-5][0-9]{2})(-([1-5][0-9]{2}))?");
    private static final Pattern SERVICE_TEXT = Pattern.compile("[\\x21-\\x7e]{1,255}");

    static final ValueKind<Optional<HealthCheckConfig.Type>> TYPE = ValueKind.of(
            HealthCheckKinds::typeOf,
            "one of " + labels() + "; there is no plain UDP check, over UDP there is dns only");

    static final ValueKind<String> PATH = matching(PATH_TEXT, "a path that starts with / and has no spaces");

    static final ValueKind<String> SERVER_NAME = ValueKind.of(
            scalar ->
                    hostName(scalar.text()).filter(name -> IpAddress.parse(name).isEmpty()),
            "a host name, such as www.example.org");

    static final ValueKind<String> QUERY = ValueKind.of(
            scalar -> ".".equals(scalar.text()) ? Optional.of(".") : hostName(scalar.text()),
            "a domain name, such as www.example.org, or \".\" for the root");

    static final ValueKind<String> SERVICE = matching(SERVICE_TEXT, "the name of a gRPC service, without spaces");

    static final ValueKind<StatusRange> EXPECTED_STATUS =
            ValueKind.of(HealthCheckKinds::statusOf, "a status from 100 to 599 or a range of them, such as 200-299");

    static final ValueKind<String> BODY = new ValueKind<>(
            scalar -> ValueKind.text().read().apply(scalar).filter(text -> text.length() <= MAX_BODY_LENGTH),
            scalar -> scalar.text().length() > MAX_BODY_LENGTH
                    ? "at most " + MAX_BODY_LENGTH + " characters"
                    : ValueKind.text().expected().apply(scalar));

    static final ValueKind<IpAddress> SOURCE_ADDRESS = ValueKind.of(
            scalar -> IpAddress.parse(scalar.text()).filter(IpAddress::isUnicast),
            "an IPv4 or IPv6 address of this machine, such as 192.0.2.1 or \"2001:db8::1\"");

    static final ValueKind<Boolean> TRUTH = ValueKind.of(
            scalar -> Optional.of(scalar.text())
                    .filter(text -> scalar.isPlain() && ("true".equals(text) || "false".equals(text)))
                    .map("true"::equals),
            "true or false, without quotes");

    /** Both ends are expected. */
    record StatusRange(int lowest, int highest) {}

    private HealthCheckKinds() {}

    static String labels() {
        return Arrays.stream(HealthCheckConfig.Type.values())
                        .map(HealthCheckConfig.Type::label)
                        .collect(Collectors.joining(", "))
                + ", " + NO_CHECK;
    }

    private static ValueKind<String> matching(Pattern pattern, String expected) {
        return ValueKind.of(
                scalar -> Optional.of(scalar.text())
                        .filter(text -> pattern.matcher(text).matches()),
                expected);
    }

    private static Optional<String> hostName(String text) {
        return Optional.of(text)
                .filter(name -> name.length() <= HOST_NAME_LENGTH
                        && HOST_NAME.matcher(name).matches());
    }

    private static Optional<Optional<HealthCheckConfig.Type>> typeOf(YamlNode.Scalar scalar) {
        Optional<HealthCheckConfig.Type> type = Arrays.stream(HealthCheckConfig.Type.values())
                .filter(candidate -> candidate.label().equals(scalar.text()))
                .findFirst();
        return type.isPresent() || NO_CHECK.equals(scalar.text()) ? Optional.of(type) : Optional.empty();
    }

    private static Optional<StatusRange> statusOf(YamlNode.Scalar scalar) {
        Matcher matcher = STATUS.matcher(scalar.text());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int lowest = Integer.parseInt(matcher.group(1));
        int highest = matcher.group(3) == null ? lowest : Integer.parseInt(matcher.group(3));
        return lowest <= highest ? Optional.of(new StatusRange(lowest, highest)) : Optional.empty();
    }
}
