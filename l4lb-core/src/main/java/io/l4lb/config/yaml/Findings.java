package io.l4lb.config.yaml;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Faults and warnings of one file while it is read; {@link #MAX_COUNT} of each at most, then one that says so. */
public final class Findings {
    /** A file of {@link YamlFile#MAX_LENGTH_BYTES} can be wrong in more places than anyone reads. */
    public static final int MAX_COUNT = 20_000;

    private final String file;
    private final List<Fault> faults = new ArrayList<>();
    private final List<Warning> warnings = new ArrayList<>();

    public Findings(String file) {
        this.file = file;
    }

    public void fault(int line, String key, String value, String expected) {
        fault(file, line, key, value, expected);
    }

    /** Of another file, which the first one names. */
    public void fault(String file, int line, String key, String value, String expected) {
        if (faults.size() < MAX_COUNT) {
            faults.add(new Fault(file, line, key, value, expected));
        } else if (faults.size() == MAX_COUNT) {
            faults.add(new Fault(file, line, "", "more faults", "these " + MAX_COUNT + " to be mended first"));
        }
    }

    public void warning(int line, String key, String words) {
        if (warnings.size() < MAX_COUNT) {
            warnings.add(new Warning(file, line, key, words));
        }
    }

    public boolean hasFaults() {
        return !faults.isEmpty();
    }

    /** {@return the faults in the order of their lines, those of other files last} */
    public List<Fault> faults() {
        return faults.stream()
                .sorted(Comparator.comparing((Fault fault) -> !fault.file().equals(file))
                        .thenComparing(Fault::file)
                        .thenComparingInt(Fault::line))
                .toList();
    }

    /** {@return the warnings in the order of their lines} */
    public List<Warning> warnings() {
        return warnings.stream().sorted(Comparator.comparingInt(Warning::line)).toList();
    }
}
