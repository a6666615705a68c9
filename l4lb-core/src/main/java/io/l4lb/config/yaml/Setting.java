package io.l4lb.config.yaml;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One value of a configuration with its place: given and right, given and wrong (the fault is in the findings
 * already), or not given. Later checks look at values that are there, and report by {@link #fault}; once a whole file
 * has no fault, {@link #get} answers for every setting that is required or has a default.
 *
 * @param <T> what the value is
 */
public final class Setting<T> {
    private final Findings findings;
    private final String key;
    private final int line;
    private final String written;
    private final boolean isGiven;
    private final Optional<T> value;

    private Setting(Findings findings, String key, int line, String written, boolean isGiven, Optional<T> value) {
        this.findings = findings;
        this.key = key;
        this.line = line;
        this.written = written;
        this.isGiven = isGiven;
        this.value = value;
    }

    static <T> Setting<T> given(Findings findings, String key, YamlNode node, Optional<T> value) {
        return new Setting<>(findings, key, node.line(), node.written(), true, value);
    }

    static <T> Setting<T> missing(Findings findings, String key, int lineOfParent) {
        return new Setting<>(findings, key, lineOfParent, "missing", false, Optional.empty());
    }

    /** Faults the file if the setting is not given. */
    public Setting<T> required(String expected) {
        if (!isGiven) {
            fault(expected);
        }
        return this;
    }

    /** {@return this, or if it is not given, one at the same place with the value {@code ifMissing}} */
    public Setting<T> orElse(T ifMissing) {
        return isGiven ? this : new Setting<>(findings, key, line, written, false, Optional.of(ifMissing));
    }

    /** {@return whether the file has it, right or wrong} */
    public boolean isGiven() {
        return isGiven;
    }

    /** {@return the value, given or by default; empty if there is none or it was wrong} */
    public Optional<T> value() {
        return value;
    }

    /** {@return the value, in a file without faults} */
    public T get() {
        return value.orElseThrow(() -> new IllegalStateException(key + " has no value"));
    }

    public String key() {
        return key;
    }

    /** {@return the line of the value; if it is not given, of what it should be in} */
    public int line() {
        return line;
    }

    /** Reports that the value does not fit the rest of the file. */
    public void fault(String expected) {
        findings.fault(line, key, written, expected);
    }

    public void warn(String words) {
        findings.warning(line, key, words);
    }

    /** Faults the second and every further setting with the value of an earlier one. */
    public static <T> void refuseRepeats(Stream<Setting<T>> settings, String expected) {
        Map<T, Setting<T>> first = new HashMap<>();
        settings.forEach(setting -> setting.value.ifPresent(value -> {
            Setting<T> earlier = first.putIfAbsent(value, setting);
            if (earlier != null) {
                setting.fault(expected + "; " + earlier.key + " in line " + earlier.line + " has it too");
            }
        }));
    }
}
