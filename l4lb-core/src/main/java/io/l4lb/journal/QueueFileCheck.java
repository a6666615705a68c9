package io.l4lb.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Walks a file of Chronicle Queue from frame to frame, by itself: what Chronicle does with a damaged one, it does not say. The layout
 * is that of Chronicle Wire's binary documents; little-endian.
 *
 * <pre>
 * frame    0  header   bits 0..29 length, bit 30 metadata, bit 31 not complete; 0: nothing more, or a record that is being written;
 *                       bits 30 and 31 alone: end of file
 *          4  content, then up to the next multiple of 4
 * file     0  frame of metadata: 4 {@code b9 06} "header", ... 64 position of the last record (8 bytes)
 * </pre>
 *
 * What is in a record is checked by its checksum when it is read.
 */
final class QueueFileCheck {
    private static final int METADATA = 1 << 30;
    private static final int NOT_COMPLETE = 1 << 31;
    private static final int END_OF_FILE = METADATA | NOT_COMPLETE;
    /** {@link #END_OF_FILE}, then the text "EOF" with a byte for its type. */
    private static final int END_MARK_BYTES = 8;

    private static final int END_MARK_TEXT = 0x464f45c3;

    private static final int LENGTH_MASK = METADATA - 1;
    private static final int HEADER_BYTES = 4;
    private static final int NAME_OFFSET = 6;
    private static final String NAME = "header";
    private static final int WRITE_POSITION_OFFSET = 64;
    private static final int FIRST_BYTES = 72;
    private static final int WINDOW_BYTES = 1 << 16;
    /** Read at once on the walk: dozens of small records, and not much in vain of a large one. */
    private static final int WALK_BYTES = 1 << 12;

    private final FileChannel file;
    private final long size;
    /** Where the frames that have been walked end. */
    private long end;
    /** The end has its mark. */
    private boolean isMarked;

    private final ByteBuffer window = ByteBuffer.allocate(WINDOW_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    /** Of the file, what is in {@link #window}. */
    private long windowStart;

    private QueueFileCheck(FileChannel file) throws IOException {
        this.file = file;
        this.size = file.size();
    }

    /**
     * {@return what is wrong with that file, empty if nothing is} A file that is whole gets the mark of its end, if it has none. Walks it once.
     *
     * @throws IOException if the mark cannot be written
     */
    static String mend(Path path) throws IOException {
        QueueFileCheck check;
        String problem;
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            check = new QueueFileCheck(file);
            problem = check.problem();
        } catch (IOException e) {
            return e.toString();
        }
        if (problem.isEmpty() && !check.isMarked) {
            check.mark(path);
        }
        return problem;
    }

    /** {@return what is wrong with that file, empty if nothing is} */
    static String problem(Path path) {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            return new QueueFileCheck(file).problem();
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** {@return how many bytes of that file have been written; the rest of it is a hole} */
    static long usedBytes(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            QueueFileCheck check = new QueueFileCheck(file);
            if (check.read(0, FIRST_BYTES) < FIRST_BYTES) {
                return check.size;
            }
            long last = check.window.getLong(WRITE_POSITION_OFFSET);
            if (last < 0 || last > check.size - HEADER_BYTES) {
                return check.size;
            }
            return Math.min(check.size, check.after(last, check.header(last)));
        }
    }

    private String problem() throws IOException {
        if (read(0, FIRST_BYTES) < FIRST_BYTES) {
            return "only " + size + " bytes";
        }
        String name = new String(window.array(), NAME_OFFSET, NAME.length(), StandardCharsets.ISO_8859_1);
        if (!name.equals(NAME)) {
            return "it does not begin like a queue's file";
        }
        long lastRecord = window.getLong(WRITE_POSITION_OFFSET);
        boolean lastRecordSeen = lastRecord == 0;
        int header = header(end);
        while (!isEnd(header)) {
            lastRecordSeen |= end == lastRecord;
            long next = after(end, header);
            if (next > size) {
                return "at " + end + " it claims " + (next - end) + " bytes, the file ends at " + size;
            }
            end = next;
            header = header(end);
        }
        isMarked = header == END_OF_FILE;
        if (!lastRecordSeen && end != lastRecord) {
            return "its last record is not where it says";
        }
        // What was being written when the process died has no header yet, or one that is not complete: its length is
        // not known.
        return endProblem(end + (isMarked ? END_MARK_BYTES : Journal.LENGTH_MAX_BYTES));
    }

    /** A record that is not complete is the last one too. */
    private static boolean isEnd(int header) {
        return header == 0 || (header & NOT_COMPLETE) != 0;
    }

    /**
     * Marks the end of a file that has no mark, because its process died: a reader would wait there for more. What was being
     * written is wiped out.
     */
    private void mark(Path path) throws IOException {
        try (FileChannel writable = FileChannel.open(path, StandardOpenOption.WRITE)) {
            ByteBuffer mark = ByteBuffer.allocate(Journal.LENGTH_MAX_BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(END_OF_FILE)
                    .putInt(END_MARK_TEXT)
                    .rewind();
            while (mark.hasRemaining()) {
                writable.write(mark, end + mark.position());
            }
        }
    }

    /** {@return where the frame at that position ends} */
    private long after(long position, int header) {
        long end = position + HEADER_BYTES + (header & LENGTH_MASK);
        return (end + HEADER_BYTES - 1) & -HEADER_BYTES;
    }

    private String endProblem(long start) throws IOException {
        for (long position = start; position < size; position += WINDOW_BYTES) {
            int length = read(position, WINDOW_BYTES);
            for (int index = 0; index < length; index++) {
                if (window.get(index) != 0) {
                    return "a hole before " + (position + index);
                }
            }
        }
        return "";
    }

    /** Of what has been read last, if it is there: small records are read many at a time. */
    private int header(long position) throws IOException {
        long offset = position - windowStart;
        if (offset < 0 || offset + HEADER_BYTES > window.limit()) {
            offset = 0;
            if (read(position, WALK_BYTES) < HEADER_BYTES) {
                return 0;
            }
        }
        return window.getInt((int) offset);
    }

    private int read(long position, int length) throws IOException {
        windowStart = position;
        window.clear().limit(length);
        while (window.hasRemaining() && file.read(window, position + window.position()) >= 0) {
            // on until it is full or the file ends
        }
        window.flip();
        return window.limit();
    }
}
