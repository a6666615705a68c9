package io.l4lb.config.yaml;

import java.util.List;

/** A value in a YAML file and the line, from 1, on which it starts. Immutable. */
public sealed interface YamlNode {
    int line();

    /** {@return the number of nodes in it, itself included, with every alias written out} */
    long nodeCount();

    /** {@return how a message shows it} */
    String written();

    /**
     * One value: text, number, nothing.
     *
     * @param text without quotes, escapes resolved
     * @param isPlain whether it stood there without quotes, so that it may be a number or nothing
     */
    record Scalar(int line, String text, boolean isPlain) implements YamlNode {
        /** {@return whether nothing is there: {@code key:}, {@code key: ~} or {@code key: null}} */
        public boolean isNull() {
            return isPlain && (text.isEmpty() || "~".equals(text) || "null".equalsIgnoreCase(text));
        }

        @Override
        public long nodeCount() {
            return 1;
        }

        @Override
        public String written() {
            if (isNull()) {
                return "nothing";
            }
            return isPlain ? text : '"' + text + '"';
        }
    }

    /** A list. */
    record Sequence(int line, List<YamlNode> items, long nodeCount) implements YamlNode {
        @Override
        public String written() {
            return items.isEmpty() ? "an empty list" : "a list";
        }
    }

    /** Keys and values in the order of the file, duplicates and all. */
    record Mapping(int line, List<Entry> entries, long nodeCount) implements YamlNode {
        @Override
        public String written() {
            return "a mapping";
        }
    }

    /** A value that no message may show. */
    record Hidden(int line) implements YamlNode {
        @Override
        public long nodeCount() {
            return 1;
        }

        @Override
        public String written() {
            return "a secret that is not shown";
        }
    }

    /** What stands inside something that is not what it should be: there is nothing more to say about it. */
    record Faulty(int line) implements YamlNode {
        @Override
        public long nodeCount() {
            return 1;
        }

        @Override
        public String written() {
            return "a fault";
        }
    }

    /** One key of a mapping and its value. */
    record Entry(YamlNode key, YamlNode value) {}
}
