/**
 * From a YAML tree to an {@link io.l4lb.config.L4lbConfig}, or to every fault at once.
 *
 * <pre>
 * ConfigReader ─┬─ ...Section   a mapping of the file: types, ranges, defaults, required keys
 *               └─ ...Check     what several places have to agree on: names, references, families
 * </pre>
 *
 * <p>Sections keep their {@link io.l4lb.config.yaml.Setting}s, so that checks can go on behind a fault and name the
 * line. Cold; one thread.
 */
package io.l4lb.config.check;
