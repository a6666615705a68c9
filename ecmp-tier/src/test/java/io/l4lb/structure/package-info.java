/**
 * The house rules (STYLE, DESIGN) as tests: byte code of the hot path, dependencies, shape of the source tree, and that
 * nothing phones home. They read the compiled classes of all modules and {@code git ls-files}; nothing is started.
 */
package io.l4lb.structure;
