package io.l4lb.dpdk.binding;

import java.util.List;
import java.util.stream.Stream;

/**
 * A call into DPDK failed. Carries what was tried, DPDK's own text (the meaning of its error number and the lines it
 * logged meanwhile) and, where one is known, the cure. The message has all of it, over several lines.
 */
public final class DpdkException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int QUOTED_LINES = 8;

    private static final ColdCall ERRNO = ColdCall.returningInt("l4lb_errno");
    private static final ColdCall STRERROR = ColdCall.returningLong("rte_strerror", ColdCall.INT32);

    private final String what;
    private final String reason;
    private final transient List<String> logLines;
    private final String cure;

    /**
     * @param what what was tried, one line
     * @param reason why it failed, one line
     * @param logLines what DPDK logged
     * @param cure what to do about it; empty when unknown
     */
    public DpdkException(String what, String reason, List<String> logLines, String cure) {
        super(message(what, reason, logLines, cure));
        this.what = what;
        this.reason = reason;
        this.logLines = List.copyOf(logLines);
        this.cure = cure;
    }

    /**
     * {@return the exception for a DPDK function that has just failed on this thread}
     *
     * @param what what was tried, one line; names the device, so that the cure can look at it
     * @param result what the function returned: a negative error number, or -1 (or 0 for a null pointer) and rte_errno
     * @param logPosition {@link DpdkLog#position} before the call
     */
    public static DpdkException ofCall(String what, int result, long logPosition) {
        int rteErrno = ERRNO.toInt();
        int errno = result < -1 ? -result : rteErrno;
        List<String> lines = complaints(DpdkLog.since(logPosition));
        String reason = errno == 0 ? "DPDK gave no error number" : ShimLayout.text(STRERROR.toLong(errno));
        return new DpdkException(what, reason, lines, Cure.forFailure(what, errno, lines));
    }

    /** Throws what {@link #ofCall} makes when {@code result} is negative; otherwise {@return it}. */
    public static int check(String what, int result, long logPosition) {
        if (result < 0) {
            throw ofCall(what, result, logPosition);
        }
        return result;
    }

    /** {@return what was tried} */
    public String what() {
        return what;
    }

    /** {@return why it failed, in DPDK's words} */
    public String reason() {
        return reason;
    }

    /** {@return what DPDK logged while it failed} */
    public List<String> logLines() {
        return logLines;
    }

    /** {@return what to do about it; empty when unknown} */
    public String cure() {
        return cure;
    }

    private static List<String> complaints(List<DpdkLog.Line> lines) {
        List<DpdkLog.Line> complaints =
                lines.stream().filter(DpdkLog.Line::isComplaint).toList();
        List<DpdkLog.Line> chosen = complaints.isEmpty() ? lines : complaints;
        return chosen.subList(Math.max(0, chosen.size() - QUOTED_LINES), chosen.size()).stream()
                .map(DpdkLog.Line::text)
                .distinct()
                .toList();
    }

    private static String message(String what, String reason, List<String> logLines, String cure) {
        Stream<String> log = logLines.stream().map(line -> "  DPDK: " + line);
        Stream<String> end = cure.isEmpty() ? Stream.of() : Stream.of("  cure: " + cure);
        return String.join(
                "\n",
                Stream.concat(Stream.of(what + ": " + reason), Stream.concat(log, end))
                        .toList());
    }
}
