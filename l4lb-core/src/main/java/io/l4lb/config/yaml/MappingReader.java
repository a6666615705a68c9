package io.l4lb.config.yaml;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/**
 * Typed access to one mapping. Unknown and duplicate keys are faulted at once, wrong values as they are asked for. A
 * node that is no mapping is one fault; every setting of it then counts as given and wrong, so that nothing is
 * reported twice.
 */
public final class MappingReader {
    private final Findings findings;
    private final String path;
    private final YamlNode node;
    private final Map<String, YamlNode> values = new HashMap<>();

    /**
     * Reads the keys of a mapping.
     *
     * @param path of {@code node}, empty for the root
     * @param keys all that may be there
     */
    public MappingReader(YamlNode node, String path, Findings findings, List<String> keys) {
        this.findings = findings;
        this.path = path;
        this.node = node;
        if (node instanceof YamlNode.Mapping mapping) {
            Map<String, Integer> lines = new HashMap<>();
            mapping.entries().forEach(entry -> accept(entry, keys, lines));
        } else if (!(node instanceof YamlNode.Faulty)) {
            findings.fault(node.line(), path, node.written(), "a mapping with " + String.join(", ", keys));
        }
    }

    public <T> Setting<T> value(String key, ValueKind<T> kind) {
        return setting(key, (path, found) -> scalar(path, found, kind));
    }

    /** {@return the same of a value that no message shows, whatever is wrong with it} */
    public <T> Setting<T> secret(String key, ValueKind<T> kind) {
        YamlNode found = values.get(key);
        if (found == null) {
            return value(key, kind);
        }
        YamlNode hidden = new YamlNode.Hidden(found.line());
        Optional<T> read = Optional.of(found)
                .filter(YamlNode.Scalar.class::isInstance)
                .map(YamlNode.Scalar.class::cast)
                .filter(scalar -> !scalar.isNull())
                .flatMap(kind.read());
        if (read.isEmpty()) {
            YamlNode.Scalar nothing = new YamlNode.Scalar(found.line(), "", true);
            findings.fault(
                    found.line(), pathOf(key), hidden.written(), kind.expected().apply(nothing));
        }
        return Setting.given(findings, pathOf(key), hidden, read);
    }

    /** {@return a mapping or what else {@code read} makes of a node and its path} */
    public <T> Setting<T> section(String key, BiFunction<YamlNode, String, T> read) {
        return setting(key, (path, found) -> Optional.of(read.apply(found, path)));
    }

    /** {@return what {@code read} makes of a mapping, or of an empty one if it is not there: all defaults} */
    public <T> T sectionOrDefaults(String key, BiFunction<YamlNode, String, T> read) {
        YamlNode instead = node instanceof YamlNode.Mapping
                ? new YamlNode.Mapping(node.line(), List.of(), 1)
                : new YamlNode.Faulty(node.line());
        return read.apply(values.getOrDefault(key, instead), pathOf(key));
    }

    /** {@return a list of what {@code read} makes of each node and its path} */
    public <T> Setting<List<T>> list(String key, BiFunction<YamlNode, String, T> read) {
        return setting(key, (path, found) -> {
            if (!(found instanceof YamlNode.Sequence sequence)) {
                findings.fault(found.line(), path, found.written(), "a list");
                return Optional.empty();
            }
            List<YamlNode> items = sequence.items();
            return Optional.of(IntStream.range(0, items.size())
                    .mapToObj(index -> read.apply(items.get(index), path + "[" + index + "]"))
                    .toList());
        });
    }

    /** {@return a list of single values} */
    public <T> Setting<List<Setting<T>>> values(String key, ValueKind<T> kind) {
        return list(key, (item, itemPath) -> Setting.given(findings, itemPath, item, scalar(itemPath, item, kind)));
    }

    private <T> Setting<T> setting(String key, BiFunction<String, YamlNode, Optional<T>> read) {
        String keyPath = pathOf(key);
        YamlNode found = values.get(key);
        if (found != null) {
            return Setting.given(findings, keyPath, found, read.apply(keyPath, found));
        }
        return node instanceof YamlNode.Mapping
                ? Setting.missing(findings, keyPath, node.line())
                : Setting.given(findings, keyPath, node, Optional.empty());
    }

    private <T> Optional<T> scalar(String keyPath, YamlNode found, ValueKind<T> kind) {
        YamlNode.Scalar scalar =
                found instanceof YamlNode.Scalar one ? one : new YamlNode.Scalar(found.line(), "", true);
        Optional<T> value = scalar.isNull() ? Optional.empty() : kind.read().apply(scalar);
        if (value.isEmpty()) {
            findings.fault(
                    found.line(), keyPath, found.written(), kind.expected().apply(scalar));
        }
        return value;
    }

    private void accept(YamlNode.Entry entry, List<String> keys, Map<String, Integer> lines) {
        String key = entry.key() instanceof YamlNode.Scalar scalar
                ? scalar.text()
                : entry.key().written();
        int line = entry.key().line();
        if (!(entry.key() instanceof YamlNode.Scalar) || !keys.contains(key)) {
            findings.fault(line, pathOf(key), "unknown key", instead(key, keys));
        } else if (lines.putIfAbsent(key, line) != null) {
            findings.fault(line, pathOf(key), "given again", "it once; line " + lines.get(key) + " has it too");
        } else {
            values.put(key, entry.value());
        }
    }

    private static String instead(String key, List<String> keys) {
        String known = "one of " + String.join(", ", keys);
        if ("<<".equals(key)) {
            return known + "; merge keys are not read";
        }
        return Spelling.closest(key, keys)
                .map(meant -> known + "; did you mean " + meant + "?")
                .orElse(known);
    }

    private String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
