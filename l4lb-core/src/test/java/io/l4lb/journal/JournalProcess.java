package io.l4lb.journal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** A process of {@link JournalIT}: {@code append DIR} writes until it is killed, {@code fill DIR} until the disk is full, and on. */
final class JournalProcess {
    private static final int BALLAST_BYTES = 3 << 20;
    private static final int TRIES = 40;

    private JournalProcess() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "append" -> append(directory);
            case "fill" -> fill(directory);
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
