/** Kinds of values that several sections of a configuration have. */
package io.l4lb.config.kind;
