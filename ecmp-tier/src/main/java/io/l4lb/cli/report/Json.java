package io.l4lb.cli.report;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;

/** One JSON document of maps, lists, strings, numbers and booleans. */
public final class Json {
    private Json() {}

    /** {@return the document as indented text} */
    public static String text(Object document) {
        try {
            return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
