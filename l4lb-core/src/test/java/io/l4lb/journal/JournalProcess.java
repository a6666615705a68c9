package io.l4lb.journal;

import io.l4lb.config.replication.ReplicationConfig;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.net.IpAddress;
import io.l4lb.net.L4Address;
import io.l4lb.replica.ReplicaNumbers;
import io.l4lb.replication.Replication;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A process of {@link JournalIT}: {@code append DIR} writes until it is killed, {@code fill DIR} until the disk is full, and on; {@code start DIR} begins on a full disk. */
final class JournalProcess {
    private static final int BALLAST_BYTES = 3 << 20;
    private static final int TRIES = 40;
    private static final int RECORDS = 20;
    private static final int PAGE_BYTES = 4096;
    /** In a network namespace of its own. */
    private static final int LISTEN = 7654;

    private JournalProcess() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "append" -> append(directory);
            case "fill" -> fill(directory);
            case "start" -> start(directory);
            case "replicate" -> replicate(directory);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    /** What it says was appended, was. */
    private static void append(Path directory) {
        try (Journal journal = ChronicleJournal.open(directory)) {
            for (int number = 0; ; number++) {
                Records.append(journal, number);
                System.out.println(number);
            }
        }
    }

    private static void fill(Path directory) throws Exception {
        Path ballast = directory.resolve("ballast");
        Files.write(ballast, new byte[BALLAST_BYTES]);
        try (Journal journal = ChronicleJournal.open(directory.resolve("journal"));
                JournalReader reader = journal.reader()) {
            int appended = 0;
            int failed = 0;
            int last = 0;
            // several times in vain: a full disk is not one event but a time
            while (failed < TRIES) {
                try {
                    Records.append(journal, appended);
                    last = appended++;
                } catch (JournalException e) {
                    failed++;
                }
            }
            System.out.println("full after " + appended);
            System.out.println("readable " + Records.read(reader).size());
            Files.delete(ballast);
            int tries = 1;
            while (!isAppended(journal, appended)) {
                if (++tries > TRIES) {
                    throw new IllegalStateException("no append succeeds although there is room");
                }
            }
            System.out.println("again after " + tries);
            System.out.println("then " + Records.read(reader));
            System.out.println("all " + Records.readAll(journal).equals(upTo(last + 1)));
        }
    }

    /** Of a process that was killed there is a file without an end, which has no room for the mark; of another journal nothing. */
    private static void start(Path directory) throws Exception {
        Path killed = directory.resolve("killed");
        try (Journal journal = ChronicleJournal.open(directory.resolve("journal"))) {
            upTo(RECORDS).forEach(number -> Records.append(journal, number));
            copyFiles(directory.resolve("journal"), killed);
        }
        Path ballast = directory.resolve("ballast");
        fillUp(ballast);
        try (Journal journal = ChronicleJournal.open(killed);
                Journal other = ChronicleJournal.open(directory.resolve("other"));
                JournalReader reader = journal.reader();
                JournalReader ofOther = other.reader()) {
            System.out.println("killed " + Records.read(reader).equals(upTo(RECORDS)) + " "
                    + Records.readAll(journal).equals(upTo(RECORDS)));
            System.out.println("other " + Records.read(ofOther));
            System.out.println("refuses " + journal.refusal().isPresent() + " " + isAppended(journal, RECORDS + 1) + " "
                    + isAppended(other, 0));
            Files.delete(ballast);
            System.out.println("then " + isAppended(journal, RECORDS + 1) + " " + isAppended(other, 0) + " "
                    + journal.refusal().isPresent());
            System.out.println("read " + Records.read(reader) + " " + Records.read(ofOther));
            System.out.println("all " + Records.readAll(journal).equals(upTo(RECORDS + 1)) + " " + journal.problems());
        }
    }

    private static void copyFiles(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (Path file : new QueueFiles(from).byCycle().values()) {
            Files.copy(file, to.resolve(file.getFileName()));
        }
    }

    private static void fillUp(Path ballast) throws IOException {
        byte[] page = new byte[PAGE_BYTES];
        try (OutputStream file = Files.newOutputStream(ballast)) {
            while (true) {
                file.write(page);
            }
        } catch (IOException e) {
            System.out.println("room " + Files.getFileStore(ballast).getUsableSpace());
        }
    }

    /** A node's replication begins on a full disk, and has nobody to follow. */
    private static void replicate(Path directory) throws Exception {
        Path ballast = directory.resolve("ballast");
        fillUp(ballast);
        L4Address listen = new L4Address(IpAddress.parse("127.0.0.1").orElseThrow(), LISTEN);
        ReplicationConfig config =
                new ReplicationConfig("edge", listen, List.of(), Optional.empty(), 10_000, 1L << 30, 1);
        try (Replication node =
                new Replication("a", config, directory, new FlowTimeouts(900, 60), new ReplicaNumbers(), 1)) {
            node.start();
            System.out.println("problem " + node.status().problem().orElse(""));
            awaitReady(node);
            System.out.println("ready " + node.status().problem().isPresent());
            Files.delete(ballast);
            while (node.status().problem().isPresent()) {
                Thread.sleep(50); // JournalIT waits for two minutes
            }
            System.out.println("journals " + node.status().batches());
        }
    }

    private static void awaitReady(Replication node) throws InterruptedException {
        while (!node.isReady()) {
            Thread.sleep(50);
        }
    }

    private static boolean isAppended(Journal journal, int number) {
        try {
            Records.append(journal, number);
            return true;
        } catch (JournalException e) {
            return false;
        }
    }

    private static List<Integer> upTo(int last) {
        return IntStream.rangeClosed(0, last).boxed().toList();
    }
}
