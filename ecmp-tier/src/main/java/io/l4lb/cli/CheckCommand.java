package io.l4lb.cli;

import io.l4lb.cli.report.Json;
import io.l4lb.cli.usage.ConfigOption;
import io.l4lb.cli.usage.ExitCode;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.check.ConfigResult;
import io.l4lb.config.yaml.Fault;
import io.l4lb.config.yaml.Warning;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "check",
        description = {
            "Validates a configuration.",
            "Prints every fault at once, each as FILE:LINE: KEY: VALUE: what would be right. Exit code 2 if there is any."
        })
final class CheckCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config;

    @Option(names = "--json", description = "Print one JSON document.")
    private boolean json;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        ConfigResult result = config.read();
        PrintWriter out = command.commandLine().getOut();
        if (json) {
            out.println(Json.text(document(result)));
        } else {
            print(result, out);
        }
        return result instanceof ConfigResult.Loaded ? ExitCode.DONE : ExitCode.WRONG_USE;
    }

    private void print(ConfigResult result, PrintWriter out) {
        result.warnings().forEach(warning -> out.println("warning: " + warning));
        switch (result) {
            case ConfigResult.Loaded loaded -> out.println(config.file() + ": ok: " + summary(loaded.config()));
            case ConfigResult.Rejected rejected -> {
                rejected.faults().forEach(out::println);
                out.println(config.file() + ": rejected: " + rejected.faults().size() + " fault(s)");
            }
        }
    }

    private static String summary(L4lbConfig config) {
        int backends =
                config.pools().stream().mapToInt(pool -> pool.backends().size()).sum();
        return "node " + config.node().id() + ", " + config.dataplane().workers() + " worker(s), "
                + config.dataplane().ethPorts().size() + " ethPort(s), "
                + config.vips().size() + " VIP(s), " + config.pools().size() + " pool(s), " + backends + " backend(s)";
    }

    private static Map<String, Object> document(ConfigResult result) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("valid", result instanceof ConfigResult.Loaded);
        document.put(
                "faults", result instanceof ConfigResult.Rejected rejected ? faults(rejected.faults()) : List.of());
        document.put(
                "warnings", result.warnings().stream().map(Warning::toString).toList());
        return document;
    }

    private static List<Map<String, Object>> faults(List<Fault> faults) {
        return faults.stream()
                .map(fault -> {
                    Map<String, Object> fields = new LinkedHashMap<>();
                    fields.put("file", fault.file());
                    fields.put("line", fault.line());
                    fields.put("key", fault.key());
                    fields.put("value", fault.value());
                    fields.put("expected", fault.expected());
                    return fields;
                })
                .toList();
    }
}
