package io.l4lb.demo.lab;

import java.util.List;

/**
 * What became of one HTTP request, as curl saw it.
 *
 * @param url as it was asked for
 * @param exitCode curl's: 0 if all of the answer arrived; negative if curl was stopped before
 * @param httpStatus 0 if there was no answer
 * @param seconds from start to the last byte
 * @param bytes of the body
 * @param clientL4Port 0 if there was no connection
 * @param backend that answered, empty if none did
 * @param error curl's words, empty if there is none
 */
public record Transfer(
        String url,
        int exitCode,
        int httpStatus,
        double seconds,
        long bytes,
        int clientL4Port,
        String backend,
        String error) {

    /** curl's {@code --write-out} for {@link #parse}. To stderr, which curl does not buffer: a line is there when its transfer has ended. */
    static final String FORMAT = "%{stderr}transfer\\t%{url_effective}\\t%{exitcode}\\t%{http_code}\\t%{time_total}"
            + "\\t%{size_download}\\t%{local_port}\\t%header{x-backend}\\t%{errormsg}\\n";

    private static final int FIELDS = 9;
    private static final int NOT_ENDED = -1;

    static List<Transfer> parseAll(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("transfer\t"))
                .map(Transfer::parse)
                .toList();
    }

    private static Transfer parse(String line) {
        String[] field = line.split("\t", FIELDS);
        return new Transfer(
                field[1],
                Integer.parseInt(field[2]),
                Integer.parseInt(field[3]),
                Double.parseDouble(field[4]),
                Long.parseLong(field[5]),
                Integer.parseInt(field[6]),
                field[7],
                field[8]);
    }

    static Transfer notEnded(String url) {
        return new Transfer(url, NOT_ENDED, 0, 0, 0, 0, "", "not ended in time");
    }

    public boolean ok() {
        return exitCode == 0 && httpStatus == 200;
    }

    public boolean of(LabVip vip) {
        return url.startsWith(vip.page());
    }
}
