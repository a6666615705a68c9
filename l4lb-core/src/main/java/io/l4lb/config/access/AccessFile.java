package io.l4lb.config.access;

import io.l4lb.config.yaml.Findings;
import io.l4lb.config.yaml.Setting;
import io.l4lb.net.IpPrefix;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BiConsumer;

/** A file of an access list: {@code allow PREFIX} or {@code deny PREFIX} a line; empty lines, and what is behind #, say nothing. */
final class AccessFile {
    /** Of a line: the longest prefix, in words, has 48. */
    private static final int LINE_LENGTH_MAX = 1000;

    private static final long LENGTH_BYTES_MAX = 64L << 20;
    private static final String EXPECTED =
            "allow PREFIX or deny PREFIX, such as deny 192.0.2.0/24 or allow 2001:db8:1::/48";

    private AccessFile() {}

    /** Tells of each rule and the line that it stands in; of faults, the findings. */
    static void read(Setting<Path> file, Findings findings, BiConsumer<AccessRule, Integer> rules) {
        Path path = file.get();
        try {
            if (!Files.isRegularFile(path) || Files.size(path) > LENGTH_BYTES_MAX) {
                file.fault("a file that is there, of at most " + (LENGTH_BYTES_MAX >> 20) + " MiB");
                return;
            }
            // what is not UTF-8 is no prefix: the line's fault says so
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(Files.newInputStream(path), StandardCharsets.UTF_8))) {
                int number = 0;
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    number++;
                    int end = line.indexOf('#');
                    String words = (end < 0 ? line : line.substring(0, end))
                            .replace('\t', ' ')
                            .strip();
                    if (!words.isEmpty()) {
                        read(path, number, words, findings, rules);
                    }
                }
            }
        } catch (NoSuchFileException e) {
            file.fault("a file that is there");
        } catch (IOException e) {
            file.fault("a readable file: " + e.getMessage());
        }
    }

    private static void read(
            Path path, int number, String words, Findings findings, BiConsumer<AccessRule, Integer> rules) {
        int space = words.length() > LINE_LENGTH_MAX ? -1 : words.indexOf(' ');
        String verdict = space < 0 ? "" : words.substring(0, space);
        Optional<IpPrefix> prefix = "allow".equals(verdict) || "deny".equals(verdict)
                ? AccessKinds.prefix(words.substring(space).strip())
                : Optional.empty();
        prefix.ifPresentOrElse(
                found -> rules.accept(new AccessRule(found, "allow".equals(verdict)), number),
                () -> findings.fault(path.toString(), number, "", words, EXPECTED + AccessKinds.objection(words)));
    }
}
