/**
 * What nodes tell each other of flows and keep on disk: batches of flow events, in SBE ({@code src/main/sbe/flow-state.xml};
 * {@code io.l4lb.message.sbe} is made of it). {@code docs/design/15-replication.md}. For the journal thread and peers' threads.
 */
package io.l4lb.message;
