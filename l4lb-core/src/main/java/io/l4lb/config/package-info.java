/**
 * What a configuration says, as values: one small record per concern, defaults filled in, everything checked.
 *
 * <pre>
 * FILE ── config.yaml ──► tree with lines ── config.check ──► L4lbConfig, or every fault at once
 * </pre>
 *
 * <p>Records are passed by constructor to what needs them; nothing reads the file again. Immutable; any thread. See
 * {@code docs/design/04-configuration.md}.
 */
package io.l4lb.config;
