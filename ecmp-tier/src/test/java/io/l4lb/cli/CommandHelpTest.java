package io.l4lb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.cli.usage.ExitCode;
import io.l4lb.explain.FlowSpec;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** The help teaches: every command says what it does, every option what it means. */
class CommandHelpTest {
    /** Forwards until it is stopped: it logs, it does not print for people. */
    private static final List<String> WITHOUT_JSON = List.of("run", "help");

    static Stream<CommandSpec> commands() {
        return Arrays.stream(Main.class.getAnnotation(CommandLine.Command.class).subcommands())
                .map(type -> new CommandLine(type).getCommandSpec());
    }

    @ParameterizedTest
    @MethodSource("commands")
    void commandAndOptionsAreDescribed(CommandSpec command) {
        assertThat(command.usageMessage().description()).isNotEmpty();
        Stream<ArgSpec> arguments =
                Stream.of(command.options(), command.positionalParameters()).flatMap(Collection::stream);
        assertThat(arguments)
                .allSatisfy(argument -> assertThat(String.join(" ", argument.description()))
                        .as("description of %s of %s", argument.paramLabel(), command.name())
                        .hasSizeGreaterThan(10)
                        .matches("[A-Z].*"));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpNamesEveryOption(CommandSpec command) {
        CommandRun run = CommandRun.here(command.name(), "--help").succeeds();

        assertThat(run.out().toLowerCase(Locale.ROOT)).contains("usage: l4lb " + command.name());
        assertThat(command.optionsMap().keySet())
                .allSatisfy(name -> assertThat(run.out()).contains(name));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void whatPrintsForPeopleCanPrintJson(CommandSpec command) {
        assertThat(WITHOUT_JSON.contains(command.name()) || command.optionsMap().containsKey("--json"))
                .as("%s has --json", command.name())
                .isTrue();
    }

    @Test
    void overviewListsEveryCommandAndTheExitCodes() {
        CommandRun run = CommandRun.here("--help").succeeds();

        assertThat(commands().map(CommandSpec::name))
                .allSatisfy(name -> assertThat(run.out()).containsPattern("(?m)^  " + name + " "));
        assertThat(run.out()).contains("Exit codes: 0 done, 1 the work failed, 2 wrong use");
    }

    @Test
    void examplesInTheHelpAreSoundFlows() {
        CommandRun run = CommandRun.here("explain", "--help").succeeds();

        assertThat(run.out().lines().filter(line -> line.contains("./l4lb explain -c")))
                .hasSize(3)
                .allSatisfy(line -> assertThat(
                                FlowSpec.parse(line.substring(line.indexOf('\'') + 1, line.lastIndexOf('\''))))
                        .isNotNull());
    }

    @Test
    void versionIsOneLine() {
        assertThat(CommandRun.here("--version").succeeds().out().lines())
                .singleElement()
                .asString()
                .matches("l4lb \\d+\\.\\d+\\.\\d+");
    }

    @Test
    void exitCodesAreTheContract() {
        assertThat(Map.of("done", ExitCode.DONE, "failed", ExitCode.FAILED, "wrong use", ExitCode.WRONG_USE))
                .isEqualTo(Map.of("done", 0, "failed", 1, "wrong use", 2));
    }
}
