package io.l4lb.journal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** Records of text, padded to the size of a batch: what tests append and read. */
final class Records {
    static final int LENGTH_BYTES = 20_000;

    private Records() {}

    static long append(Journal journal, int number) {
        return append(journal, number, LENGTH_BYTES);
    }

    static long append(Journal journal, int number, int length) {
        byte[] record = new byte[length];
        // no zeroes, so that a hole shows
        Arrays.fill(record, (byte) '.');
        byte[] text = (number + " ").getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, record, 0, text.length);
        return journal.append(new UnsafeBuffer(record), 0, length);
    }

    static int number(JournalReader reader) {
        String text = reader.buffer().getStringWithoutLengthAscii(reader.offset(), Math.min(20, reader.length()));
        return Integer.parseInt(text.substring(0, text.indexOf(' ')));
    }

    /** {@return the numbers of all records from where the reader stands} */
    static List<Integer> read(JournalReader reader) {
        List<Integer> numbers = new ArrayList<>();
        while (reader.next()) {
            numbers.add(number(reader));
        }
        return numbers;
    }

    static List<Integer> readAll(Journal journal) {
        try (JournalReader reader = journal.reader()) {
            return read(reader);
        }
    }
}
