package io.l4lb.bench.gaps;

import java.util.Locale;

/** Why a polling thread did not come round: what getrusage(2) says after the gap. */
public enum GapCause {
    /** It left the CPU of its own will: a polling thread does so only for the JVM, at a safepoint. */
    STOPPED,
    /** The kernel gave its CPU to another thread. */
    PREEMPTED,
    /** It kept its CPU: the pass itself, an interrupt, a page fault, or the hypervisor. */
    OTHER;

    /** {@return the word in answers and reports} */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
