package io.l4lb.bench.measure;

/** The contenders that Java can be held against. */
public enum Against {
    TWIN,
    TESTPMD,
    NONE
}
