/** A node put together: devices, tables, workers, counters; its start, reload and orderly stop. Control thread. */
package io.l4lb.node;
