package io.l4lb.config.access;

import io.l4lb.net.IpAddress;
import io.l4lb.net.IpPrefix;
import io.l4lb.prefix.AccessTable;
import io.l4lb.prefix.AccessTableBuilder;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Whose packets a VIP takes. Immutable; any thread. Its {@link #table} is made once, however often the VIPs are built anew.
 */
public final class AccessList {
    /** Of one list, its file's included: 50 MB of records and 18 MB of tables at most. */
    public static final int RULES_MAX = 500_000;

    public static final int LISTS_MAX = 64;

    private final String name;
    private final boolean allowByDefault;
    private final List<AccessRule> rules;
    private final AccessTable table;

    /** @param rules no prefix twice */
    public AccessList(String name, boolean allowByDefault, List<AccessRule> rules) {
        this.name = name;
        this.allowByDefault = allowByDefault;
        this.rules = List.copyOf(rules);
        AccessTableBuilder builder = new AccessTableBuilder(allowByDefault);
        rules.forEach(rule -> builder.add(rule.prefix().address(), rule.prefix().length(), rule.allow()));
        this.table = builder.build();
    }

    public String name() {
        return name;
    }

    public boolean allowByDefault() {
        return allowByDefault;
    }

    /** {@return what workers ask} */
    public AccessTable table() {
        return table;
    }

    /** {@return whether that address is let in, as {@link #table} has it} Looks at all rules. */
    public boolean allows(IpAddress address) {
        return ruleFor(address).map(AccessRule::allow).orElse(allowByDefault);
    }

    /** {@return the rule for that address; empty: the default} Looks at all of them. */
    public Optional<AccessRule> ruleFor(IpAddress address) {
        return rules.stream()
                .filter(rule -> rule.prefix().contains(address))
                .max(Comparator.comparing(AccessRule::prefix, Comparator.comparingInt(IpPrefix::length)));
    }
}
