package io.l4lb.golden;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** One folder of packets in, packets out. */
record GoldenCase(Path folder, Expected expected) {
    /**
     * The counters, and the fields that are zero in the expected output because the flow hash decides them.
     *
     * @param drops only those above zero, by label
     * @param counters others that the case is about, by label
     * @param kernelSide whether there is one to punt to
     */
    record Expected(
            long rxPackets,
            long txPackets,
            long puntedPackets,
            long echoReplies,
            long outerFragments,
            Map<String, Integer> drops,
            List<String> masked,
            Map<String, Integer> counters,
            boolean kernelSide) {
        /** {@return the counters by their labels, drops too} */
        Map<String, Long> summary() {
            Map<String, Long> summary = new TreeMap<>(Map.of(
                    "rxPackets", rxPackets,
                    "txPackets", txPackets,
                    "puntedPackets", puntedPackets,
                    "echoReplies", echoReplies,
                    "outerFragments", outerFragments));
            counters.forEach((label, count) -> summary.put(label, count.longValue()));
            drops.forEach((label, count) -> summary.put(label, count.longValue()));
            return summary;
        }
    }

    static List<GoldenCase> allUnder(Path root) throws IOException {
        try (Stream<Path> folders = Files.list(root)) {
            return folders.sorted().map(GoldenCase::of).toList();
        }
    }

    private static GoldenCase of(Path folder) {
        try {
            String text = Files.readString(folder.resolve("expected.yaml"));
            return new GoldenCase(folder, expectedOf((Map<?, ?>)
                    new Load(LoadSettings.builder().build()).loadFromString(text)));
        } catch (IOException e) {
            throw new IllegalStateException("a golden case without expected.yaml", e);
        }
    }

    @SuppressWarnings("unchecked") // golden.py writes these types
    private static Expected expectedOf(Map<?, ?> yaml) {
        return new Expected(
                ((Number) yaml.get("rxPackets")).longValue(),
                ((Number) yaml.get("txPackets")).longValue(),
                ((Number) yaml.get("puntedPackets")).longValue(),
                ((Number) yaml.get("echoReplies")).longValue(),
                ((Number) yaml.get("outerFragments")).longValue(),
                (Map<String, Integer>) yaml.get("drops"),
                (List<String>) yaml.get("masked"),
                yaml.get("counters") instanceof Map<?, ?> counters ? (Map<String, Integer>) counters : Map.of(),
                !Boolean.FALSE.equals(yaml.get("kernelSide")));
    }

    String name() {
        return folder.getFileName().toString();
    }

    String words() throws IOException {
        return Files.readString(folder.resolve("words.txt")).strip();
    }

    Path config() {
        return folder.resolve("config.yaml");
    }

    Path input() {
        return folder.resolve("in.pcap");
    }

    List<CaptureFile.Frame> output() throws IOException {
        return CaptureFile.read(folder.resolve("out.pcap"));
    }

    List<CaptureFile.Frame> punted() throws IOException {
        Optional<Path> file = Optional.of(folder.resolve("punt.pcap")).filter(Files::exists);
        return file.isPresent() ? CaptureFile.read(file.get()) : List.of();
    }
}
