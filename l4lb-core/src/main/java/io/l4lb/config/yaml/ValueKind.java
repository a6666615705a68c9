package io.l4lb.config.yaml;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a single value has to be.
 *
 * @param read the value, or empty if it is none of this kind
 * @param expected what would be right in place of a value that is not, without the word "expected"
 */
public record ValueKind<T>(Function<YamlNode.Scalar, Optional<T>> read, Function<YamlNode.Scalar, String> expected) {
    private static final Pattern DECIMAL = Pattern.compile("-?(0|[1-9][0-9]{0,17})");
    /** What the core schema of YAML 1.2 (section 10.3.2) takes for a number or a truth value, and what YAML 1.1 did. */
    private static final Pattern NOT_TEXT = Pattern.compile(
            "[-+]?(\\.?[0-9][0-9_]*(\\.[0-9]*)?([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|\\.(inf|Inf|INF))"
                    + "|\\.(nan|NaN|NAN)|true|True|TRUE|false|False|FALSE");

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    /** A kind with one message for all that is wrong. */
    public static <T> ValueKind<T> of(Function<YamlNode.Scalar, Optional<T>> read, String expected) {
        return new ValueKind<>(read, scalar -> expected);
    }

    public static ValueKind<Integer> integer(int min, int max) {
        ValueKind<Long> wide = longInteger(min, max);
        return new ValueKind<>(scalar -> wide.read.apply(scalar).map(Math::toIntExact), wide.expected);
    }

    public static ValueKind<Long> longInteger(long min, long max) {
        String expected = "an integer from " + min + " to " + max;
        return new ValueKind<>(
                scalar -> decimal(scalar).filter(value -> value >= min && value <= max),
                scalar -> expected + (isOtherNumber(scalar) ? ", in decimal, without quotes" : ""));
    }

    /** Text of printable characters; must stand in quotes if YAML would take it for something else. */
    public static ValueKind<String> text() {
        return new ValueKind<>(
                scalar -> Optional.of(scalar.text()).filter(text -> isText(scalar) && isPrintable(text)),
                scalar ->
                        isText(scalar) || scalar.isNull() ? "printable text" : "text; write \"" + scalar.text() + '"');
    }

    /** What things are called: up to 63 letters, digits, dots, hyphens and underscores. */
    public static ValueKind<String> name() {
        return new ValueKind<>(
                scalar -> Optional.of(scalar.text())
                        .filter(text -> isText(scalar) && NAME.matcher(text).matches()),
                scalar -> NAME.matcher(scalar.text()).matches() && !scalar.isNull()
                        ? "text; write \"" + scalar.text() + '"'
                        : "a name of up to 63 letters, digits, '.', '-', '_', the first a letter or digit");
    }

    /** True or false, without quotes. */
    public static ValueKind<Boolean> truth() {
        return of(
                scalar -> Optional.of(scalar)
                        .filter(YamlNode.Scalar::isPlain)
                        .map(YamlNode.Scalar::text)
                        .filter(text -> "true".equals(text) || "false".equals(text))
                        .map("true"::equals),
                "true or false, without quotes");
    }

    /** One of a fixed set of words. */
    public static <E extends Enum<E>> ValueKind<E> word(Class<E> type, Function<E, String> label) {
        E[] values = type.getEnumConstants();
        return of(
                scalar -> Arrays.stream(values)
                        .filter(value -> label.apply(value).equals(scalar.text()))
                        .findFirst(),
                Arrays.stream(values).map(label).collect(Collectors.joining(", ", "one of ", "")));
    }

    private static Optional<Long> decimal(YamlNode.Scalar scalar) {
        boolean isDecimal = scalar.isPlain() && DECIMAL.matcher(scalar.text()).matches();
        return isDecimal ? Optional.of(Long.parseLong(scalar.text())) : Optional.empty();
    }

    private static boolean isOtherNumber(YamlNode.Scalar scalar) {
        return decimal(scalar).isEmpty() && NOT_TEXT.matcher(scalar.text()).matches();
    }

    private static boolean isText(YamlNode.Scalar scalar) {
        return !scalar.isPlain()
                || !(scalar.isNull() || NOT_TEXT.matcher(scalar.text()).matches());
    }

    private static boolean isPrintable(String text) {
        return !text.isBlank() && text.codePoints().noneMatch(Character::isISOControl);
    }
}
