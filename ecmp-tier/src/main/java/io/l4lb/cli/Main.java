package io.l4lb.cli;

import io.l4lb.cli.control.BackendsCommand;
import io.l4lb.cli.control.DrainCommand;
import io.l4lb.cli.control.FlowsCommand;
import io.l4lb.cli.control.ReloadCommand;
import io.l4lb.cli.control.StatusCommand;
import io.l4lb.cli.control.UndrainCommand;
import io.l4lb.cli.control.VipsCommand;
import io.l4lb.cli.control.WeightCommand;
import io.l4lb.cli.usage.ExitCode;
import io.l4lb.cli.usage.NodeFailedException;
import io.l4lb.cli.usage.WrongUseException;
import io.l4lb.dpdk.binding.DpdkException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point: commands, and what becomes of errors (one message on stderr, exit code 1 or 2). */
@Command(
        name = "l4lb",
        description = "A kernel-bypass layer-4 load balancer.",
        mixinStandardHelpOptions = true,
        version = "l4lb 0.1.0",
        subcommands = {
            RunCommand.class,
            CheckCommand.class,
            ReplayCommand.class,
            ExplainCommand.class,
            CountersCommand.class,
            StatusCommand.class,
            VipsCommand.class,
            PeersCommand.class,
            BackendsCommand.class,
            FlowsCommand.class,
            DrainCommand.class,
            UndrainCommand.class,
            WeightCommand.class,
            ReloadCommand.class,
            DemoCommand.class,
            CommandLine.HelpCommand.class
        },
        footer = {
            "",
            "Without a configuration, start with:",
            "  ./l4lb demo     the main job on real parts, in network namespaces",
            "  ./l4lb test     everything that can be tested on this machine",
            "  ./l4lb bench    benchmarks",
            "",
            "Exit codes: 0 done, 1 the work failed, 2 wrong use or wrong configuration."
        })
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        int exitCode = ExitCode.FAILED;
        try {
            exitCode = run(arguments, writer(System.out), writer(System.err));
        } finally {
            System.exit(exitCode); // also after an Error: no other thread may keep the process
        }
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }

    /** {@return the exit code}; for tests, everything but the exit */
    public static int run(String[] arguments, PrintWriter out, PrintWriter err) {
        CommandLine commandLine = new CommandLine(new Main());
        commandLine
                .getSubcommands()
                .values()
                .forEach(command -> command.getCommandSpec()
                        .mixinStandardHelpOptions(!(command.getCommand() instanceof CommandLine.HelpCommand)));
        return commandLine
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(Main::explain)
                .execute(arguments);
    }

    private static int explain(Exception e, CommandLine commandLine, CommandLine.ParseResult parsed) {
        switch (e) {
            case WrongUseException wrongUse -> {
                commandLine.getErr().println(wrongUse.getMessage());
                return ExitCode.WRONG_USE;
            }
            case NodeFailedException failed -> commandLine.getErr().println(failed.getMessage());
            case DpdkException dpdk -> commandLine.getErr().println(dpdk.getMessage());
            default -> e.printStackTrace(commandLine.getErr());
        }
        return ExitCode.FAILED;
    }
}
