/** What a node counts: per worker, per VIP, per backend, per drop reason; written by workers, read by anyone. */
package io.l4lb.counters;
