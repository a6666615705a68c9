package io.l4lb.config.yaml;

/** Text from a file made fit for a terminal: one line, no control or bidirectional characters, bounded length. */
final class Printable {
    private static final int MAX_LENGTH = 120;

    private Printable() {}

    static String of(String text) {
        StringBuilder printable = new StringBuilder();
        int index = 0;
        while (index < text.length() && printable.length() < MAX_LENGTH) {
            int codePoint = text.codePointAt(index);
            if (isPlain(codePoint)) {
                printable.appendCodePoint(codePoint);
            } else {
                printable.append("\\u{").append(Integer.toHexString(codePoint)).append('}');
            }
            index += Character.charCount(codePoint);
        }
        return index < text.length() ? printable.append('…').toString() : printable.toString();
    }

    private static boolean isPlain(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
