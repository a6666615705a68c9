package io.l4lb.bench.contender;

import io.l4lb.bench.shape.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * DPDK's own testpmd in forward mode mac: what the driver and twelve written bytes cost. It polls between "start" and
 * "stop"; its packets come from the ethPort's statistics, its CPU time from the kernel's count of the lcores' threads.
 */
public final class TestpmdContender implements Contender {
    private static final String RX_PACKETS = "RX-packets:";
    /** Printed by the command "show port stats", after RX-packets. */
    private static final String LAST_LINE = "Tx-pps:";

    private final ChildProcess process;
    private final int workers;
    private final List<Path> schedules;

    private TestpmdContender(ChildProcess process, int workers) {
        this.process = process;
        this.workers = workers;
        this.schedules = lcoreThreads(process.pid());
    }

    /** Starts it. */
    public static Contender start(EalOptions ealOptions, Shape shape) {
        List<String> command = new ArrayList<>(List.of("stdbuf", "-oL", "dpdk-testpmd")); // its answers by the line
        command.addAll(ealOptions.withMainLcore());
        command.addAll(List.of(
                "--",
                "-i",
                "--forward-mode=mac",
                "--burst=32",
                "--port-topology=loop",
                "--nb-cores=" + shape.workers(),
                "--total-num-mbufs=" + shape.source().mbufs(),
                "--mbuf-size=" + shape.source().dataRoomBytes(),
                "--mbcache=256"));
        ChildProcess process = new ChildProcess("testpmd", command, line -> {});
        process.say("show port stats 0");
        process.await(line -> line.contains(LAST_LINE));
        return new TestpmdContender(process, shape.workers());
    }

    @Override
    public String name() {
        return "testpmd";
    }

    @Override
    public String dpdkVersion() {
        return "";
    }

    @Override
    public Sample run(double warmSeconds, double seconds) {
        process.say("start");
        sleep(warmSeconds);
        long packets = packets();
        long cpuNs = cpuNs();
        long wallNs = System.nanoTime();
        sleep(seconds);
        packets = packets() - packets;
        cpuNs = cpuNs() - cpuNs;
        wallNs = System.nanoTime() - wallNs;
        process.say("stop");
        process.await(line -> line.startsWith("Done."));
        return new Sample(packets, cpuNs, wallNs, -1, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    /** {@return what all devices have received} */
    private long packets() {
        long sum = 0;
        for (int device = 0; device < workers; device++) {
            process.say("show port stats " + device);
            String line = process.await(text -> text.contains(RX_PACKETS));
            process.await(text -> text.contains(LAST_LINE));
            String rest = line.substring(line.indexOf(RX_PACKETS) + RX_PACKETS.length())
                    .strip();
            sum += Long.parseLong(rest.split(" ", 2)[0]);
        }
        return sum;
    }

    private long cpuNs() {
        long sum = 0;
        for (Path schedule : schedules) {
            sum += Long.parseLong(read(schedule).split(" ", 2)[0]);
        }
        return sum;
    }

    /** {@return schedstat (first number: ns on the CPU) of each forwarding lcore's thread} */
    private static List<Path> lcoreThreads(long pid) {
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            return tasks.filter(task -> {
                        String name = read(task.resolve("comm"));
                        return name.contains("worker") || name.contains("lcore");
                    })
                    .map(task -> task.resolve("schedstat"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void sleep(double seconds) {
        try {
            Thread.sleep((long) (seconds * 1000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ContenderException("interrupted while testpmd forwards", e);
        }
    }

    @Override
    public void close() {
        process.say("quit");
        process.close();
    }
}
