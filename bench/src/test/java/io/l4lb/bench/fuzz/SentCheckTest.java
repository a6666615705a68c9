package io.l4lb.bench.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.bench.strict.BrokenPromise;
import io.l4lb.bench.strict.SentCheck;
import io.l4lb.bench.strict.Service;
import io.l4lb.config.check.ConfigReader;
import io.l4lb.config.check.ConfigResult;
import io.l4lb.net.MacAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The strict reader on packets that scapy made: it takes each, and none with one bit of its headers turned over. */
class SentCheckTest {
    private static final Path GOLDEN =
            Path.of(System.getProperty("l4lb.root"), "l4lb-core", "src", "test", "resources", "golden");
    private static final MacAddress MAC = MacAddress.parse("02:70:63:61:70:00").orElseThrow();
    /** Outer headers, inner headers, and some of the payload. */
    private static final int BYTES = 110;

    /** What came, what left, and by which configuration. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Pair(String name, byte[] came, byte[] left, Service service) {}

    @Test
    void noBitOfAPacketThatLeftCanBeAnother() throws IOException {
        List<Pair> pairs = pairs();
        List<String> notSeen = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            Pair pair = pairs.get(i);
            SentCheck.check(pair.came(), List.of(pair.left()), pair.service());
            for (int at = 0; at < Math.min(BYTES, end(pair.left())); at++) {
                byte[] changed = pair.left().clone();
                int bit = (i + at) % Byte.SIZE; // all of them, over many packets
                changed[at] ^= (byte) (1 << bit);
                if (isTaken(pair, changed)) {
                    notSeen.add(pair.name() + " bit " + bit + " of byte " + at);
                }
            }
        }
        assertThat(pairs).hasSizeGreaterThan(100);
        assertThat(notSeen).isEmpty();
    }

    /** Of the IP packet: what pads the frame means nothing. */
    private static int end(byte[] frame) {
        boolean ipv6 = frame[12] == (byte) 0x86;
        int at = ipv6 ? 18 : 16;
        return 14 + (ipv6 ? 40 : 0) + ((frame[at] & 0xff) << 8 | (frame[at + 1] & 0xff));
    }

    private static boolean isTaken(Pair pair, byte[] changed) {
        try {
            SentCheck.check(pair.came(), List.of(changed), pair.service());
            return true;
        } catch (BrokenPromise e) {
            return false;
        }
    }

    /** Of cases whose frames all leave, one for one, as scapy foretold them to the last bit. */
    private static List<Pair> pairs() throws IOException {
        List<Path> cases;
        try (Stream<Path> folders = Files.list(GOLDEN)) {
            cases = folders.sorted().toList();
        }
        List<Pair> pairs = new ArrayList<>();
        Map<String, Service> services = new HashMap<>();
        for (Path golden : cases) {
            List<CaptureFile.Frame> came = CaptureFile.frames(golden.resolve("in.pcap"));
            List<CaptureFile.Frame> left = CaptureFile.frames(golden.resolve("out.pcap"));
            String expected = Files.readString(golden.resolve("expected.yaml"));
            boolean isToTheBit = expected.contains("masked: []") && expected.contains("outerFragments: 0");
            if (isToTheBit && came.size() == left.size() && isInOrder(golden)) {
                Path config = golden.resolve("config.yaml");
                Service service = services.computeIfAbsent(Files.readString(config), _ -> service(config));
                for (int i = 0; i < came.size(); i++) {
                    if (isTagged(left.get(i).bytes())) {
                        continue;
                    }
                    pairs.add(new Pair(
                            golden.getFileName() + " " + i,
                            came.get(i).bytes(),
                            left.get(i).bytes(),
                            service));
                }
            }
        }
        return pairs;
    }

    /** Fragments may wait for each other, or leave as more. */
    private static boolean isInOrder(Path golden) {
        return !golden.getFileName().toString().contains("fragment");
    }

    /** A tag's bits are the network's. */
    private static boolean isTagged(byte[] frame) {
        return frame[12] == (byte) 0x81 || frame[12] == (byte) 0x88;
    }

    private static Service service(Path config) {
        return switch (ConfigReader.read(config)) {
            case ConfigResult.Loaded loaded -> new Service(loaded.config(), MAC);
            case ConfigResult.Rejected rejected -> throw new AssertionError(rejected.faults());
        };
    }
}
