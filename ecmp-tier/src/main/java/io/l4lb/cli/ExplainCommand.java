package io.l4lb.cli;

import io.l4lb.cli.report.ExplanationReport;
import io.l4lb.cli.report.Json;
import io.l4lb.cli.usage.ConfigOption;
import io.l4lb.cli.usage.ExitCode;
import io.l4lb.cli.usage.WrongUseException;
import io.l4lb.explain.ConnectionIdText;
import io.l4lb.explain.Explainer;
import io.l4lb.explain.Explanation;
import io.l4lb.explain.FlowSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "explain",
        description = {
            "Says where the first packet of a flow would go, and why: VIP, Maglev slot, backend, next hop.",
            "A flow that a node has pinned already keeps its backend, whatever the table says now."
        },
        footer = {
            "",
            "Examples:",
            "  ./l4lb explain -c lb.yaml 'tcp 192.0.2.7:40000 -> 198.51.100.1:443'",
            "  ./l4lb explain -c lb.yaml 'udp [2001:db8::7]:5000 -> [2001:db8::1]:53'",
            "  ./l4lb explain -c lb.yaml 'udp 192.0.2.7:40000 -> 198.51.100.1:443' --quic-dcid 07c4605e4504cc4f"
        })
final class ExplainCommand implements Callable<Integer> {
    private static final String STDIN = "-";

    @Mixin
    private ConfigOption config;

    @Parameters(
            arity = "1..*",
            paramLabel = "FLOW",
            description = "One or more flows, each in quotes; - reads one a line from standard input.")
    private List<String> flows;

    @Option(
            names = "--quic-dcid",
            paramLabel = "HEX",
            description =
                    "The destination connection ID of a QUIC packet of each flow, as in a capture: which server ID is in it?")
    private String connectionId;

    @Option(
            names = "--json",
            description = "Print one JSON document: an object for one flow, a list of such objects for several.")
    private boolean json;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        List<FlowSpec> specs =
                flowTexts().stream().map(text -> parse(text, FlowSpec::parse)).toList();
        Optional<ConnectionIdText> dcid =
                Optional.ofNullable(connectionId).map(text -> parse(text, ConnectionIdText::parse));
        List<Explanation> explanations;
        try (Explainer explainer = new Explainer(config.load())) {
            explanations = specs.stream()
                    .map(flow -> dcid.map(id -> explainer.explain(flow, id)).orElseGet(() -> explainer.explain(flow)))
                    .toList();
        }
        PrintWriter out = command.commandLine().getOut();
        if (json) {
            boolean single = explanations.size() == 1 && !flows.equals(List.of(STDIN));
            out.println(Json.text(
                    single
                            ? ExplanationReport.document(explanations.getFirst())
                            : explanations.stream()
                                    .map(ExplanationReport::document)
                                    .toList()));
        } else {
            explanations.forEach(explanation -> ExplanationReport.print(explanation, out));
        }
        return ExitCode.DONE;
    }

    private List<String> flowTexts() {
        if (!flows.equals(List.of(STDIN))) {
            return flows;
        }
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            return lines.lines().filter(line -> !line.isBlank()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> T parse(String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new WrongUseException(e.getMessage(), e);
        }
    }
}
