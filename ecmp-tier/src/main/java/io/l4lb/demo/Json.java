package io.l4lb.demo;

import java.util.Iterator;
import java.util.Locale;
import java.util.Map;

/** Writes maps, lists, strings, numbers and booleans as JSON (RFC 8259), indented by nothing: for programs. */
final class Json {
    private Json() {}

    static String write(Object value) {
        StringBuilder json = new StringBuilder(1024);
        append(json, value);
        return json.toString();
    }

    private static void append(StringBuilder json, Object value) {
        switch (value) {
            case Map<?, ?> map -> appendMap(json, map);
            case Iterable<?> list -> appendList(json, list);
            case Double number -> json.append(String.format(Locale.ROOT, "%.3f", number));
            case Number number -> json.append(number);
            case Boolean truth -> json.append(truth);
            default -> appendString(json, value.toString());
        }
    }

    private static void appendMap(StringBuilder json, Map<?, ?> map) {
        String separator = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            json.append(separator);
            appendString(json, entry.getKey().toString());
            json.append(':');
            append(json, entry.getValue());
            separator = ",";
        }
        json.append(map.isEmpty() ? "{}" : "}");
    }

    private static void appendList(StringBuilder json, Iterable<?> list) {
        json.append('[');
        for (Iterator<?> elements = list.iterator(); elements.hasNext(); ) {
            append(json, elements.next());
            json.append(elements.hasNext() ? "," : "");
        }
        json.append(']');
    }

    private static void appendString(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
