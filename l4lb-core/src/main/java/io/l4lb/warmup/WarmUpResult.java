package io.l4lb.warmup;

/**
 * What a warm-up has done.
 *
 * @param compiled whether all of the hot path was compiled before the deadline
 * @param packets that went through it
 * @param leakedMbufs mbufs that did not come back; 0
 */
public record WarmUpResult(boolean compiled, long packets, long wallNs, int leakedMbufs) {}
