package io.l4lb.node.control;

import com.fasterxml.jackson.jr.ob.JSON;
import io.l4lb.config.BackendConfig;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator's settings in the state directory, kept across restarts and crashes: written whole beside the old file,
 * forced to disk and renamed over it. A file that cannot be read is set aside, reported, and the node starts as configured.
 * One thread at a time.
 *
 * <pre>
 * {"version": 1, "nodeDrained": false,
 *  "backends": [{"pool": "web", "backend": "web1", "drained": true, "weight": 50}]}      weight only if set
 * </pre>
 */
public final class OperatorFile {
    /** In the state directory. */
    public static final String NAME = "operator.json";

    /** What a file that cannot be read is called from then on; the next one takes its place. */
    static final String SET_ASIDE_NAME = NAME + ".unreadable";

    private static final Logger LOG = LoggerFactory.getLogger(OperatorFile.class);
    private static final int VERSION = 1;
    /** A million backends take 80 MB; more is no file of ours. */
    private static final long LENGTH_BYTES_MAX = 256L << 20;

    private final Path file;

    public OperatorFile(Path stateDirectory) {
        this.file = stateDirectory.resolve(NAME);
    }

    /** {@return what was last written; nothing set when there is no file, or none that can be read} */
    public OperatorSettings read() {
        try {
            if (Files.size(file) > LENGTH_BYTES_MAX) {
                throw new IOException("larger than " + LENGTH_BYTES_MAX + " bytes");
            }
            return parse(Files.readString(file, StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return OperatorSettings.NONE;
        } catch (IOException | RuntimeException e) { // whatever is in the file
            setAside(e);
            return OperatorSettings.NONE;
        }
    }

    private void setAside(Exception cause) {
        Path aside = file.resolveSibling(SET_ASIDE_NAME);
        String moved = "set aside as " + aside;
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            moved = "it cannot be set aside: " + e;
        }
        LOG.error(
                "{} cannot be read, so no backend is drained and all weights are the configured ones; {}: {}",
                file,
                moved,
                String.valueOf(cause.getMessage()).lines().findFirst().orElse(""));
    }

    private static OperatorSettings parse(String text) throws IOException {
        Map<String, Object> document = JSON.std.mapFrom(text);
        if (!Integer.valueOf(VERSION).equals(document.get("version"))) {
            throw new IOException("version " + document.get("version") + ", expected " + VERSION);
        }
        Map<BackendKey, OperatorSettings.Setting> backends = new HashMap<>();
        for (Object each : (List<?>) document.get("backends")) {
            Map<?, ?> fields = (Map<?, ?>) each;
            backends.put(
                    new BackendKey((String) fields.get("pool"), (String) fields.get("backend")),
                    new OperatorSettings.Setting((Boolean) fields.get("drained"), weight(fields.get("weight"))));
        }
        return new OperatorSettings((Boolean) document.get("nodeDrained"), backends);
    }

    private static OptionalInt weight(Object value) throws IOException {
        if (value == null) {
            return OptionalInt.empty();
        }
        int weight = (Integer) value;
        if (weight < 0 || weight > BackendConfig.MAX_WEIGHT) {
            throw new IOException("weight " + weight + ", expected 0 to " + BackendConfig.MAX_WEIGHT);
        }
        return OptionalInt.of(weight);
    }

    /** Replaces the file; when this returns, the settings outlast a crash of the machine. */
    public void write(OperatorSettings settings) throws IOException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("version", VERSION);
        document.put("nodeDrained", settings.nodeDrained());
        document.put(
                "backends",
                settings.backends().entrySet().stream()
                        .map(entry -> fields(entry.getKey(), entry.getValue()))
                        .toList());
        Path next = file.resolveSibling(NAME + ".new");
        Files.writeString(next, JSON.std.asString(document));
        force(next, StandardOpenOption.WRITE);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        force(file.getParent(), StandardOpenOption.READ); // the new name itself
    }

    private static Map<String, Object> fields(BackendKey backend, OperatorSettings.Setting setting) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("pool", backend.pool());
        fields.put("backend", backend.backend());
        fields.put("drained", setting.drained());
        setting.weight().ifPresent(weight -> fields.put("weight", weight));
        return fields;
    }

    private static void force(Path path, StandardOpenOption option) throws IOException {
        try (FileChannel channel = FileChannel.open(path, option)) {
            channel.force(true);
        }
    }
}
