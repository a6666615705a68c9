package io.l4lb.config.check;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.yaml.Fault;
import io.l4lb.config.yaml.Warning;
import java.util.List;

/** What came of reading a configuration. */
public sealed interface ConfigResult {
    /** {@return what to tell the user without refusing to work, in the order of the lines} */
    List<Warning> warnings();

    /** The file can be used. */
    record Loaded(L4lbConfig config, List<Warning> warnings) implements ConfigResult {}

    /** The file cannot be used: one fault or more, in the order of the lines. */
    record Rejected(List<Fault> faults, List<Warning> warnings) implements ConfigResult {}
}
