package io.l4lb.health.lab;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.demo.lab.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The lab and what tests do to its backends. */
final class HealthLab implements AutoCloseable {
    private final String prefix = "l4lb-health-" + ProcessHandle.current().pid();
    private final Lab lab = new Lab(prefix);

    static HealthLab upOrSkip(Class<?> test) throws IOException, InterruptedException {
        Optional<String> reason = Lab.unavailableReason();
        reason.ifPresent(text -> System.err.println(test.getSimpleName() + " is skipped: " + text));
        assumeTrue(reason.isEmpty(), () -> reason.orElseThrow());
        HealthLab made = new HealthLab();
        try {
            made.lab.up(2);
            return made;
        } catch (IOException | InterruptedException e) {
            made.close();
            throw e;
        }
    }

    Path workDirectory() {
        return lab.workDirectory();
    }

    String configurationOfNode(int number) throws IOException {
        return Files.readString(lab.workDirectory().resolve("node" + number, "node.yaml"));
    }

    CheckProcess check(int nodeNumber, String name, String configuration) throws IOException {
        Path file = lab.workDirectory().resolve(name + ".yaml");
        Files.writeString(file, configuration);
        return CheckProcess.start(prefix + "-node" + nodeNumber, file);
    }

    /** Runs a command in a namespace; {@return what it said}. */
    String in(String namespace, String... command) throws IOException, InterruptedException {
        List<String> all = new java.util.ArrayList<>(List.of("ip", "netns", "exec", prefix + "-" + namespace));
        all.addAll(List.of(command));
        Path said = Files.createTempFile("l4lb-health", ".log");
        try {
            Process process = new ProcessBuilder(all)
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            if (!process.waitFor(20, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IOException(String.join(" ", all) + ": " + Files.readString(said));
            }
            return Files.readString(said);
        } finally {
            Files.delete(said);
        }
    }

    /** What the interface receives is from now on handled by a thread of the kernel's own; {@return that thread}. */
    KernelThread receiveInThreads(String namespace, String device) throws IOException, InterruptedException {
        Set<KernelThread> before = KernelThread.receivingFor(device);
        // veth has NAPI only with GRO, or with an XDP program
        in(namespace, "ethtool", "-K", device, "gro", "on");
        in(namespace, "sh", "-c", "echo 1 > /sys/class/net/" + device + "/threaded");
        return KernelThread.receivingFor(device).stream()
                .filter(thread -> !before.contains(thread))
                .findFirst()
                .orElseThrow();
    }

    void killNginx(int backend) throws IOException, InterruptedException {
        lab.killNginx(backend);
    }

    void startNginx(int backend) throws IOException, InterruptedException {
        lab.startNginx(backend);
    }

    void breakTunnel(int backend) throws IOException, InterruptedException {
        lab.breakTunnel(backend);
    }

    void mendTunnel(int backend) throws IOException, InterruptedException {
        lab.mendTunnel(backend);
    }

    @Override
    public void close() {
        lab.close();
    }
}
