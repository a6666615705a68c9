package io.l4lb.config.yaml;

/**
 * Something in a configuration that keeps it from being used.
 *
 * @param file as the user named it
 * @param line from 1; 0 if it concerns the file as a whole
 * @param key path from the root, such as {@code pools[0].backends[1].weight}; empty if it concerns the file
 * @param value what is there, shortened and made printable; or {@code missing}
 * @param expected what would be right, without the word "expected"
 */
public record Fault(String file, int line, String key, String value, String expected) {
    public Fault {
        key = Printable.of(key);
        value = Printable.of(value);
    }

    /** {@return FILE:LINE: KEY: VALUE: expected WHAT} */
    @Override
    public String toString() {
        return (line > 0 ? file + ":" + line : file) + ": " + (key.isEmpty() ? "" : key + ": ") + value + ": expected "
                + expected;
    }
}
