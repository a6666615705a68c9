package io.l4lb.bench.forward;

/** The contenders that Java can be held against. */
enum Against {
    TWIN,
    TESTPMD,
    NONE
}
