package io.l4lb.bench.polling;

/** One pass over a queue pair, for the modes that are not the product's worker. Polling thread only. */
interface Pass {
    /** Receives a burst and ends its journey. */
    void run();

    /** Frees what it holds; nobody polls any more. */
    void close();
}
