/** The section {@code healthCheck:} of a pool: what may be in it, by type. Read by {@code config.check}. */
package io.l4lb.config.health;
