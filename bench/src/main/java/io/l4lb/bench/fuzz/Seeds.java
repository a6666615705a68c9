package io.l4lb.bench.fuzz;

import io.l4lb.bench.rig.FuzzInput;
import io.l4lb.bench.rig.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where the fuzzer begins: the packets of all golden cases, each under the configuration of its case and under the fuzzer's own. So a
 * stage that gets golden cases is fuzzed without another word.
 */
final class Seeds {
    /** {@link FuzzInput} has 7 bits for a site. */
    private static final int SITES_MAX = 127;

    private final List<Path> configs = new ArrayList<>();
    private final Map<String, FuzzInput> inputs = new LinkedHashMap<>();

    private Seeds() {}

    /** {@code root}: of the repository. */
    static Seeds of(Path root) throws IOException {
        Seeds seeds = new Seeds();
        Map<String, Integer> siteByText = new LinkedHashMap<>();
        List<Path> cases;
        try (Stream<Path> folders = Files.list(root.resolve("l4lb-core/src/test/resources/golden"))) {
            cases = folders.sorted().toList();
        }
        seeds.configs.add(root.resolve("bench/src/main/fuzz/everything.yaml"));
        for (Path golden : cases) {
            Path config = golden.resolve("config.yaml");
            Integer site = siteByText.get(Files.readString(config));
            if (site == null) {
                site = seeds.configs.size();
                siteByText.put(Files.readString(config), site);
                seeds.configs.add(config);
            }
            seeds.add(golden, site);
        }
        if (seeds.configs.size() > SITES_MAX) {
            throw new IllegalStateException(seeds.configs.size() + " configurations, an input can name " + SITES_MAX);
        }
        return seeds;
    }

    private void add(Path golden, int site) throws IOException {
        List<FuzzInput.Step> steps = CaptureFile.read(golden.resolve("in.pcap"));
        inputs.put(golden.getFileName().toString(), new FuzzInput(site, false, steps));
        inputs.put(golden.getFileName() + "-everything", new FuzzInput(0, true, steps));
    }

    /** {@return inputs by name} */
    Map<String, FuzzInput> inputs() {
        return inputs;
    }

    /** {@return the configurations, in the order of the inputs' numbers for sites} */
    List<Path> configs() {
        return configs;
    }

    List<Site> sites() {
        return configs.stream().map(Site::of).toList();
    }
}
