package io.l4lb.bench.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.bench.rig.FuzzInput;
import io.l4lb.bench.rig.FuzzInput.Step;
import io.l4lb.bench.rig.FuzzInput.Trouble;
import io.l4lb.bench.rig.Pipelines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The fuzzer's first inputs, without the fuzzer. */
class SeedsTest {
    private static final Path ROOT = Path.of(System.getProperty("l4lb.root"));

    /** Each also with lengths made to fit, and with each trouble that a device can make. */
    @Test
    void everyGoldenCaseKeepsAllPromises() throws IOException {
        Seeds seeds = Seeds.of(ROOT);
        try (Pipelines pipelines = new Pipelines(seeds.sites(), true)) {
            for (Map.Entry<String, FuzzInput> seed : seeds.inputs().entrySet()) {
                for (Trouble trouble : Trouble.values()) {
                    FuzzInput input = changed(seed.getValue(), trouble);
                    try {
                        pipelines.run(input);
                        pipelines.run(new FuzzInput(input.site(), !input.atStart(), input.steps()));
                    } catch (RuntimeException e) {
                        throw new AssertionError(seed.getKey() + " with " + trouble, e);
                    }
                }
            }
            pipelines.renew();
            assertThat(pipelines.reached())
                    .contains("txPackets", "puntedPackets", "outerFragments", "fragmentsReleased", "tooBigReplies")
                    .contains("echoReplies", "icmpErrors", "tx-full", "no-mbuf", "no-headroom", "access-denied");
        }
    }

    private static FuzzInput changed(FuzzInput input, Trouble trouble) {
        List<Step> steps = new ArrayList<>();
        for (Step step : input.steps()) {
            boolean fit = trouble != Trouble.NONE && step.fit();
            steps.add(new Step(step.gap(), fit, trouble, step.restBytes(), step.head()));
        }
        return input.with(steps);
    }

    @Test
    void anInputIsReadAsItWasWritten() throws IOException {
        for (FuzzInput seed : Seeds.of(ROOT).inputs().values()) {
            assertThat(FuzzInput.of(seed.bytes()).bytes()).isEqualTo(seed.bytes());
            assertThat(FuzzInput.of(seed.bytes()).steps()).hasSameSizeAs(seed.steps());
        }
    }

    @Test
    void aFailureIsMadeSmall() throws IOException {
        List<byte[]> inputs =
                Seeds.of(ROOT).inputs().values().stream().map(FuzzInput::bytes).toList();
        byte[] culprit = inputs.get(100);
        List<byte[]> least = new Minimiser(tried -> tried.stream().anyMatch(input -> isOfSite(culprit, input)), 10_000)
                .minimise(inputs.subList(0, 101));
        assertThat(least).hasSize(1);
        assertThat(FuzzInput.of(least.getFirst()).steps()).hasSize(1);
    }

    private static boolean isOfSite(byte[] culprit, byte[] input) {
        return input[0] == culprit[0];
    }
}
