package io.l4lb.warmup;

import java.lang.management.ManagementFactory;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * What HotSpot's compilers are at, by the diagnostic commands that jcmd offers ({@code Compiler.queue}, {@code
 * Compiler.codelist}). Total compilation time would not do: it says nothing of a compilation that is under way, and that of
 * the whole pipeline takes half a second. Cold.
 */
final class CompilerWatch {
    private static final String OURS = "io.l4lb.";
    private static final int FULLY_OPTIMISED = 4;
    private static final int IN_USE = 0;

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private final ObjectName commands;

    CompilerWatch() {
        try {
            commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
        } catch (JMException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return whether code of ours is being compiled, or waits for it} */
    boolean isBusy() {
        return command("compilerQueue").contains(OURS);
    }

    /** {@return whether C2 has compiled that method and the code is in use} */
    boolean isOptimised(Class<?> owner, String method) {
        Pattern line = Pattern.compile(
                "^ *\\d+ +" + FULLY_OPTIMISED + " +" + IN_USE + " +"
                        + Pattern.quote(owner.getName() + '.' + method + '('),
                Pattern.MULTILINE);
        return line.matcher(command("compilerCodelist")).find();
    }

    private String command(String name) {
        try {
            return String.valueOf(
                    server.invoke(commands, name, new Object[] {null}, new String[] {String[].class.getName()}));
        } catch (JMException e) {
            throw new IllegalStateException("this JVM does not tell what it compiles: " + e.getMessage(), e);
        }
    }
}
