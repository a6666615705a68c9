/** {@code ./l4lb bench journal}: how fast flow events get into the journal and, at a restart, out of it. Cold. */
package io.l4lb.bench.journal;
