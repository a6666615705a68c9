/** {@code replication:}, the section about what nodes tell each other: its records and the reading of it. */
package io.l4lb.config.replication;
