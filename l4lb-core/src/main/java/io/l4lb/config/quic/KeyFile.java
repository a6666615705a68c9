package io.l4lb.config.quic;

import io.l4lb.cid.CidKey;
import io.l4lb.config.yaml.ValueKind;
import io.l4lb.config.yaml.YamlNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A file with nothing but a key in it. What it has is never part of a message. */
final class KeyFile {
    static final String DIGITS = "an AES-128 key of 32 hex digits";
    static final ValueKind<CidKey> KIND =
            ValueKind.of(KeyFile::read, "the absolute path of a readable file with nothing but " + DIGITS + " in it");

    /** Room for spaces and line ends. */
    private static final int LENGTH_BYTES_MAX = 128;

    private KeyFile() {}

    private static Optional<CidKey> read(YamlNode.Scalar scalar) {
        return ValueKind.text()
                .read()
                .apply(scalar)
                .filter(text -> text.startsWith("/"))
                .map(Path::of)
                .flatMap(KeyFile::keyIn);
    }

    private static Optional<CidKey> keyIn(Path file) {
        if (!Files.isRegularFile(file)) { // a pipe would be waited for
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LENGTH_BYTES_MAX);
            return CidKey.parse(new String(bytes, StandardCharsets.ISO_8859_1).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
