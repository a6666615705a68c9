package io.l4lb.node.admin;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One HTTP/1.1 request (RFC 9112): method, path and a JSON object as the body. What is not that is an
 * {@link AdminException}; head and body are bounded.
 */
record AdminRequest(String method, String path, Map<String, Object> body) {
    static final int HEAD_BYTES_MAX = 8192;
    static final int BODY_BYTES_MAX = 65_536;
    private static final String LENGTH_HEADER = "content-length:";

    /** {@return the next request; empty: the other side is done} */
    static Optional<AdminRequest> read(InputStream in) throws IOException {
        String head = head(in);
        if (head.isEmpty()) {
            return Optional.empty();
        }
        String[] line = head.lines().findFirst().orElse("").split(" ", -1);
        if (line.length != 3 || !line[2].startsWith("HTTP/1.")) {
            throw new AdminException(AdminException.WRONG_USE, "not an HTTP/1.1 request");
        }
        byte[] body = in.readNBytes(bodyLength(head));
        return Optional.of(new AdminRequest(line[0], line[1], body.length == 0 ? Map.of() : json(body)));
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int next = in.read();
            if (next < 0 && head.isEmpty()) {
                return "";
            }
            if (next < 0) {
                throw new EOFException("the request ends inside its head");
            }
            if (head.length() == HEAD_BYTES_MAX) {
                throw new AdminException(
                        AdminException.WRONG_USE,
                        "the head of the request is longer than " + HEAD_BYTES_MAX + " bytes");
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static int bodyLength(String head) {
        String lower = head.toLowerCase(Locale.ROOT);
        if (lower.contains("\ntransfer-encoding:")) {
            throw new AdminException(AdminException.WRONG_USE, "expected a body with Content-Length");
        }
        String length = lower.lines()
                .filter(line -> line.startsWith(LENGTH_HEADER))
                .map(line -> line.substring(LENGTH_HEADER.length()).strip())
                .findFirst()
                .orElse("0");
        if (!length.matches("[0-9]{1,6}") || Integer.parseInt(length) > BODY_BYTES_MAX) {
            throw new AdminException(
                    AdminException.WRONG_USE, "expected a body of at most " + BODY_BYTES_MAX + " bytes");
        }
        return Integer.parseInt(length);
    }

    private static Map<String, Object> json(byte[] body) {
        try {
            return JSON.std.mapFrom(new String(body, StandardCharsets.UTF_8));
        } catch (IOException | RuntimeException e) {
            throw new AdminException(AdminException.WRONG_USE, "the body is not a JSON object");
        }
    }

    /** {@return the text of that key; empty: there is none} */
    Optional<String> text(String key) {
        return Optional.ofNullable(body.get(key)).map(value -> {
            if (value instanceof String text) {
                return text;
            }
            throw new AdminException(AdminException.WRONG_USE, key + ": expected text");
        });
    }
}
