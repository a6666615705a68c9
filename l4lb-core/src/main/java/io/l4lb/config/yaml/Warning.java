package io.l4lb.config.yaml;

/**
 * Something in a configuration that can be used but may not be what was meant.
 *
 * @param file as the user named it
 * @param line from 1
 * @param key path from the root
 * @param words what about it
 */
public record Warning(String file, int line, String key, String words) {
    public Warning {
        key = Printable.of(key);
    }

    /** {@return FILE:LINE: KEY: WORDS} */
    @Override
    public String toString() {
        return file + ":" + line + ": " + key + ": " + words;
    }
}
