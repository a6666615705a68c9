package io.l4lb.demo.client;

/**
 * A connection that broke: its stream ended, was reset, answered under another label, or not at all.
 *
 * @param timeMs when that was noticed, on the machine's clock
 * @param connection its number
 * @param address of the VIP
 * @param backend that had greeted, or none
 * @param reason how it broke
 */
public record CheckedBreak(long timeMs, int connection, String address, String backend, String reason) {
    static final String WORD = "broken";
    private static final int FIELDS = 6;

    /** {@return one line} */
    String text() {
        return String.join(
                "\t",
                WORD,
                Long.toString(timeMs),
                Integer.toString(connection),
                address,
                backend,
                reason.replaceAll("\\s+", " "));
    }

    /** {@return what {@link #text} wrote} */
    static CheckedBreak parse(String line) {
        String[] field = line.split("\t", FIELDS);
        return new CheckedBreak(Long.parseLong(field[1]), Integer.parseInt(field[2]), field[3], field[4], field[5]);
    }
}
