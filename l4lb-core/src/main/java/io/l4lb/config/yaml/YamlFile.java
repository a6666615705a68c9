package io.l4lb.config.yaml;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** The text of a file, at most {@link #MAX_LENGTH_BYTES} of UTF-8; pipes such as {@code /dev/stdin} work too. */
public final class YamlFile {
    public static final int MAX_LENGTH_BYTES = 16 << 20;

    private static final String READABLE = "a readable configuration file";
    private static final char BYTE_ORDER_MARK = '\ufeff';

    private YamlFile() {}

    /** {@return the text, or empty and a fault} */
    public static Optional<String> read(Path path, Findings findings) {
        if (Files.isDirectory(path)) {
            findings.fault(0, "", "a directory", READABLE);
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(MAX_LENGTH_BYTES + 1);
            if (bytes.length > MAX_LENGTH_BYTES) {
                findings.fault(0, "", "too long", "at most " + (MAX_LENGTH_BYTES >> 20) + " MiB");
                return Optional.empty();
            }
            return decode(bytes, findings);
        } catch (NoSuchFileException e) {
            findings.fault(0, "", "no such file", READABLE);
        } catch (AccessDeniedException e) {
            findings.fault(0, "", "permission denied", READABLE);
        } catch (IOException e) {
            findings.fault(0, "", e.getMessage() == null ? "cannot be read" : e.getMessage(), READABLE);
        }
        return Optional.empty();
    }

    private static Optional<String> decode(byte[] bytes, Findings findings) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, out, true);
        if (result.isError()) {
            out.flip();
            int line = lineAt(out, out.length());
            findings.fault(line, "", "byte 0x%02x".formatted(bytes[in.position()]), "UTF-8");
            return Optional.empty();
        }
        out.flip();
        if (out.hasRemaining() && out.charAt(0) == BYTE_ORDER_MARK) {
            out.get();
        }
        return Optional.of(out.toString());
    }

    /** {@return the line of the character at {@code index}, from 1} */
    static int lineAt(CharSequence text, int index) {
        int line = 1;
        for (int before = 0; before < Math.min(index, text.length()); before++) {
            if (text.charAt(before) == '\n') {
                line++;
            }
        }
        return line;
    }
}
