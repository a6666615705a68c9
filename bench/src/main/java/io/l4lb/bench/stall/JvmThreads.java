package io.l4lb.bench.stall;

/** Where the JVM's collector, compilers and control threads run. */
enum JvmThreads {
    /** Off the worker's CPU, as in a node. */
    APART,
    /** Wherever the kernel puts them. */
    ANYWHERE
}
