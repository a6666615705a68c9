package io.l4lb.demo.client;

import java.time.Instant;

/**
 * What became of one new connection: a request for a page that names its backend.
 *
 * @param number counted from 0, in the order of the starts
 * @param startMs when the connection was asked for, on the machine's clock
 * @param endMs when the answer was there, or nothing more was waited for
 * @param address of the VIP
 * @param backend that answered, empty if none did
 * @param error why not, empty if one did
 */
public record Knock(int number, long startMs, long endMs, String address, String backend, String error) {
    /** Linux sends a SYN that nobody answers again after a second: what took nearly as long was first sent to nowhere. */
    private static final long RETRANSMITTED_MS = 900;

    private static final int FIELDS = 6;

    /** {@return one line} */
    String text() {
        return String.join(
                "\t",
                Integer.toString(number),
                Long.toString(startMs),
                Long.toString(endMs),
                address,
                backend,
                error.replaceAll("\\s+", " "));
    }

    /** {@return what {@link #text} wrote} */
    public static Knock parse(String line) {
        String[] field = line.split("\t", FIELDS);
        return new Knock(
                Integer.parseInt(field[0]),
                Long.parseLong(field[1]),
                Long.parseLong(field[2]),
                field[3],
                field[4],
                field[5]);
    }

    public boolean answered() {
        return error.isEmpty();
    }

    /** {@return whether it was sent to a backend that did not answer it, even if another did later} */
    public boolean metDeadBackend() {
        return !answered() || endMs - startMs >= RETRANSMITTED_MS;
    }

    public boolean startedAfter(Instant time) {
        return startMs > time.toEpochMilli();
    }
}
