package io.l4lb.bpf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One XDP program, loaded by {@code bpftool} in a shell that has a mount namespace and a bpffs of its own; the kernel
 * runs it on one frame at a time. The kernel takes no frame under 14 bytes.
 */
final class BpfProgram implements AutoCloseable {
    static final int XDP_DROP = 1;
    static final int XDP_PASS = 2;

    private static final String END = "-- end of output --";
    private static final Pattern VERDICT = Pattern.compile("\"retval\":\\s*(\\d+)");
    private static final Pattern ELEMENT =
            Pattern.compile("\"formatted\":\\{\"key\":(\\d+),\"values\":\\[(.*?)]\\}", Pattern.DOTALL);
    private static final Pattern PER_CPU = Pattern.compile("\"value\":(\\d+)");

    /** What the kernel made of a frame. */
    static final class Run {
        private final int verdict;
        private final byte[] frame;

        Run(int verdict, byte[] frame) {
            this.verdict = verdict;
            this.frame = frame;
        }

        int verdict() {
            return verdict;
        }

        byte[] frame() {
            return frame;
        }
    }

    private final Process shell;
    private final Writer toShell;
    private final BufferedReader fromShell;
    private final String name;
    private final Path in;
    private final Path out;

    BpfProgram(String name, Path workDirectory) throws IOException {
        this.name = name;
        in = workDirectory.resolve("frame.in");
        out = workDirectory.resolve("frame.out");
        shell = new ProcessBuilder("unshare", "-m", "sh")
                .redirectErrorStream(true)
                .start();
        toShell = shell.outputWriter(UTF_8);
        fromShell = shell.inputReader(UTF_8);
        Path object = Path.of(System.getProperty("l4lb.nativeDirectory"), name + ".o");
        String loaded = execute("mount -t bpf bpf /sys/fs/bpf && mkdir /sys/fs/bpf/maps" + " && bpftool prog loadall "
                + object + " /sys/fs/bpf/programs pinmaps /sys/fs/bpf/maps");
        if (!loaded.isBlank()) {
            close();
            throw new IOException("cannot load " + object + ": " + loaded);
        }
    }

    Run run(byte[] frame) throws IOException {
        Files.write(in, frame);
        Files.deleteIfExists(out);
        String answer = execute("bpftool -j prog run pinned /sys/fs/bpf/programs/" + name + " data_in " + in
                + " data_out " + out + " repeat 1");
        Matcher verdict = VERDICT.matcher(answer);
        if (!verdict.find()) {
            throw new IOException("bpftool: " + answer);
        }
        return new Run(Integer.parseInt(verdict.group(1)), Files.readAllBytes(out));
    }

    /** Puts an element into one of the program's maps; key and value as hex digits. */
    void update(String map, String key, String value) throws IOException {
        String said = execute("bpftool map update pinned /sys/fs/bpf/maps/" + map + " key hex " + spaced(key)
                + " value hex " + spaced(value));
        if (!said.isBlank()) {
            throw new IOException("bpftool: " + said);
        }
    }

    private static String spaced(String hex) {
        return hex.replaceAll("..(?=.)", "$0 ");
    }

    /** {@return the counters, in packets, summed over CPUs, by index} */
    long[] counters(int count) throws IOException {
        long[] packets = new long[count];
        Matcher element = ELEMENT.matcher(execute("bpftool -j map dump pinned /sys/fs/bpf/maps/counters"));
        while (element.find()) {
            Matcher perCpu = PER_CPU.matcher(element.group(2));
            while (perCpu.find()) {
                packets[Integer.parseInt(element.group(1))] += Long.parseLong(perCpu.group(1));
            }
        }
        return packets;
    }

    /** {@return the one index that grew by one packet since {@code before}} */
    int countedSince(long[] before) throws IOException {
        long[] now = counters(before.length);
        int counted = -1;
        for (int i = 0; i < now.length; i++) {
            if (now[i] == before[i] + 1 && counted < 0) {
                counted = i;
            } else if (now[i] != before[i]) {
                throw new AssertionError("counters " + Arrays.toString(before) + " -> " + Arrays.toString(now));
            }
        }
        return counted;
    }

    private String execute(String command) throws IOException {
        toShell.write(command + "; echo; echo '" + END + "'\n");
        toShell.flush();
        StringBuilder answer = new StringBuilder();
        for (String line = fromShell.readLine(); !END.equals(line); line = fromShell.readLine()) {
            if (line == null) {
                throw new IOException("the shell has ended: " + answer);
            }
            answer.append(line).append('\n');
        }
        return answer.toString();
    }

    @Override
    public void close() throws IOException {
        toShell.close();
        shell.destroy();
    }
}
