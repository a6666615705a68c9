package io.l4lb.health.http;

import io.l4lb.health.probe.ProbeException;
import io.l4lb.health.probe.ProbeSocket;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An HTTP/1 answer (RFC 9112), read as far as it is asked for: no more than the status line when that is all that counts. The
 * stream bounds how much there can be and how long it takes.
 */
final class HttpAnswer {
    private static final int FIRST_READ_BYTES = 1024;
    /** Longer than any that a server writes. */
    private static final int MAX_STATUS_LINE = 1024;

    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9]{2})( .*)?");
    private static final Pattern CHUNKED =
            Pattern.compile("\r\ntransfer-encoding:[^\r\n]*chunked", Pattern.CASE_INSENSITIVE);
    private static final Pattern LENGTH = Pattern.compile("\r\ncontent-length: *([0-9]{1,9}) *\r\n");

    private final InputStream in;
    private byte[] bytes = new byte[FIRST_READ_BYTES];
    private int count;

    HttpAnswer(InputStream in) {
        this.in = in;
    }

    int status() throws IOException {
        int end = indexOf("\n", 0, MAX_STATUS_LINE);
        if (end < 0) {
            throw new ProbeException("answered with something that is not HTTP/1");
        }
        String line = text(0, end).stripTrailing();
        Matcher matcher = STATUS_LINE.matcher(line);
        if (!matcher.matches()) {
            throw new ProbeException("answered with something that is not HTTP/1");
        }
        return Integer.parseInt(matcher.group(1));
    }

    /** After {@link #status}. Reads until the text is found, or to the end of the answer. */
    boolean bodyContains(String expected) throws IOException {
        int headersEnd = indexOf("\r\n\r\n", 0, ProbeSocket.MAX_BYTES);
        if (headersEnd < 0) {
            throw new ProbeException("answered with headers that do not end");
        }
        int body = headersEnd + 4;
        String headers = text(0, headersEnd + 2).toLowerCase(Locale.ROOT);
        // bytes as characters of Latin-1: the expected text is compared byte by byte
        String wanted = new String(expected.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        if (CHUNKED.matcher(headers).find()) {
            return chunksContain(body, wanted);
        }
        Matcher length = LENGTH.matcher(headers);
        int end = length.find() ? body + Integer.parseInt(length.group(1)) : Integer.MAX_VALUE;
        int found = indexOf(wanted, body, end);
        return found >= 0 && found + wanted.length() <= end;
    }

    private boolean chunksContain(int start, String wanted) throws IOException {
        StringBuilder body = new StringBuilder();
        int at = start;
        while (true) {
            int lineEnd = indexOf("\r\n", at, ProbeSocket.MAX_BYTES);
            int length = lineEnd < 0 ? -1 : chunkLength(text(at, lineEnd));
            if (length < 0) {
                throw new ProbeException("answered with chunks that make no sense");
            }
            at = lineEnd + 2;
            while (count < at + length) {
                if (!readMore()) {
                    throw new EOFException();
                }
            }
            body.append(text(at, at + length));
            if (body.indexOf(wanted) >= 0) {
                return true;
            }
            if (length == 0) {
                return false;
            }
            at += length + 2;
        }
    }

    private static int chunkLength(String line) {
        String digits = line.split(";", 2)[0].strip();
        return digits.matches("[0-9a-fA-F]{1,6}") ? Integer.parseInt(digits, 16) : -1;
    }

    /** {@return where {@code wanted} begins, at or after {@code from}; -1 when the answer, or {@code limit}, ends before} */
    private int indexOf(String wanted, int from, int limit) throws IOException {
        int searched = from;
        while (true) {
            int found = count > searched ? text(searched, count).indexOf(wanted) : -1;
            if (found >= 0) {
                return searched + found;
            }
            int before = count;
            if (count >= limit || !readMore()) {
                return -1;
            }
            searched = Math.max(from, before - wanted.length() + 1); // it may have begun before the last read
        }
    }

    private boolean readMore() throws IOException {
        if (count == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * bytes.length);
        }
        int read = in.read(bytes, count, bytes.length - count);
        count += Math.max(read, 0);
        return read > 0;
    }

    private String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
