package io.l4lb.config.yaml;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Which known word a mistyped one was meant to be. */
final class Spelling {
    private static final int MAX_LENGTH = 40;
    private static final int MIN_PART_LENGTH = 3;

    private Spelling() {}

    /** {@return the word with the fewest edits, if it starts or ends as written or at most a third of its letters differ} */
    static Optional<String> closest(String written, Collection<String> words) {
        String closest = null;
        int fewest = Integer.MAX_VALUE;
        for (String word : words) {
            int edits = written.length() > MAX_LENGTH
                    ? Integer.MAX_VALUE
                    : edits(written.toLowerCase(Locale.ROOT), word.toLowerCase(Locale.ROOT));
            boolean isNear = edits <= Math.max(1, word.length() / 3) || isPartOf(written, word);
            if (edits < fewest && isNear) {
                closest = word;
                fewest = edits;
            }
        }
        return Optional.ofNullable(closest);
    }

    private static boolean isPartOf(String written, String word) {
        String part = written.toLowerCase(Locale.ROOT);
        String whole = word.toLowerCase(Locale.ROOT);
        return part.length() >= MIN_PART_LENGTH && (whole.startsWith(part) || whole.endsWith(part));
    }

    /** Letters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
    private static int edits(String left, String right) {
        int[][] edits = new int[left.length() + 1][right.length() + 1];
        for (int row = 0; row <= left.length(); row++) {
            for (int column = 0; column <= right.length(); column++) {
                edits[row][column] = row == 0 || column == 0 ? row + column : fewest(edits, left, right, row, column);
            }
        }
        return edits[left.length()][right.length()];
    }

    private static int fewest(int[][] edits, String left, String right, int row, int column) {
        boolean same = left.charAt(row - 1) == right.charAt(column - 1);
        int fewest = Math.min(edits[row - 1][column], edits[row][column - 1]) + 1;
        fewest = Math.min(fewest, edits[row - 1][column - 1] + (same ? 0 : 1));
        boolean swapped = row > 1
                && column > 1
                && left.charAt(row - 1) == right.charAt(column - 2)
                && left.charAt(row - 2) == right.charAt(column - 1);
        return swapped ? Math.min(fewest, edits[row - 2][column - 2] + 1) : fewest;
    }
}
