/**
 * A YAML file as a tree that knows its lines, and typed access to it that collects every fault instead of stopping at
 * the first.
 *
 * <pre>
 * YamlFile ── text ──► YamlTreeBuilder ── YamlNode ──► MappingReader ── Setting ──► io.l4lb.config.check
 *     └───────────────────────┴─────────── Findings ───────┴──────────────┘
 * </pre>
 *
 * <p>Strict on purpose: a configuration that means something else than it says brings a site down. No tags, no merge
 * keys, no second document, no number in quotes; every size has a bound. Cold; one thread.
 */
package io.l4lb.config.yaml;
