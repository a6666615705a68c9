package io.l4lb.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal in a process of its own, which is killed, on a disk of 8 MB, which fills, and on one that is full at the start. */
class JournalIT {
    private static final int KILLS = 3;
    private static final int RECORDS_BEFORE_KILL = 1500;
    private static final int DEADLINE_SECONDS = 120;

    @TempDir
    Path directory;

    private static List<String> java(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of(System.getProperty("l4lb.root"), "ecmp-tier/src/main/jvm/common.options"),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                JournalProcess.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    @Test
    void whatAKilledProcessAcknowledgedIsThere() throws Exception {
        List<Integer> acknowledged = new ArrayList<>();
        for (int kill = 0; kill < KILLS; kill++) {
            int before = acknowledged.size();
            Process process = new ProcessBuilder(java("append", directory.toString()))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
                while (acknowledged.size() - before < RECORDS_BEFORE_KILL) {
                    acknowledged.add(Integer.parseInt(lines.readLine()));
                }
                process.destroyForcibly();
            } finally {
                process.destroyForcibly();
                assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
            }
        }
        try (Journal journal = ChronicleJournal.open(directory)) {
            assertThat(journal.problems()).isEmpty();
            assertThat(Records.readAll(journal)).containsSubsequence(acknowledged);
            Records.append(journal, -1);
            assertThat(Records.readAll(journal)).endsWith(-1);
        }
    }

    @Test
    void fullDiskRefusesAndGoesOnWhenThereIsRoom() throws Exception {
        String output = runOnDiskOf("8m", "fill");

        // 8 MB less 3 of ballast are 250 records of 20,000 bytes
        assertThat(output).containsPattern("full after 2[0-9]{2}\n").containsPattern("again after [1-9]\n");
        int appended = Integer.parseInt(output.replaceFirst("(?s).*full after (\\d+)\n.*", "$1"));
        assertThat(output)
                .contains("readable " + appended + "\n")
                .contains("then [" + appended + "]\n")
                .contains("all true\n");
    }

    @Test
    void opensOnAFullDiskAndGoesOnWhenThereIsRoom() throws Exception {
        assertThat(runOnDiskOf("48m", "start"))
                .contains("room 0\n")
                .contains("killed true true\n")
                .contains("other []\n")
                .contains("refuses true false false\n")
                .contains("then true true false\n")
                .contains("read [21] [0]\n")
                .contains("all true []\n");
    }

    @Test
    void replicationStartsOnAFullDisk() throws Exception {
        assertThat(runOnDiskOf("8m", "replicate"))
                .contains("room 0\n")
                .contains("problem there was no room in ")
                .contains("ready true\n")
                .containsPattern("journals [1-9]");
    }

    private String runOnDiskOf(String size, String task) throws Exception {
        assumeTrue(new ProcessBuilder("unshare", "-mn", "true").start().waitFor() == 0, "mounting needs root");
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "-mn",
                "sh",
                "-c",
                "ip link set lo up && mount -t tmpfs -o size=" + size + " tmpfs \"$0\" && exec \"$@\"",
                directory.toString()));
        command.addAll(java(task, directory.toString()));
        return run(command);
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            StringBuilder output = new StringBuilder();
            Thread reader = Thread.ofPlatform().start(() -> collect(process, output));
            assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS))
                    .as("ends in time; it said: %s", output)
                    .isTrue();
            reader.join();
            System.out.println(output);
            return output.toString();
        } finally {
            process.destroyForcibly();
        }
    }

    private static void collect(Process process, StringBuilder output) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            lines.lines().forEach(line -> output.append(line).append('\n'));
        } catch (IOException e) {
            output.append(e).append('\n');
        }
    }
}
