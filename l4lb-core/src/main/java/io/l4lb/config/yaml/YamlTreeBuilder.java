package io.l4lb.config.yaml;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;

/**
 * Makes a tree of one YAML 1.2 document out of the parser's events.
 *
 * <p>Not the library's own composer: that one recurses as deep as the file says, and does not tell a tag that was
 * written from one that was guessed. Bounds: {@link #MAX_DEPTH} levels, {@link #MAX_NODES} nodes with all aliases
 * written out, so that "a billion laughs" ends as a fault. Cold; one thread.
 */
public final class YamlTreeBuilder {
    /** The deepest thing in a configuration is at level 6. */
    public static final int MAX_DEPTH = 32;

    /** A file of 16 MiB full of the shortest backends has 2.5 million. */
    public static final int MAX_NODES = 4_000_000;

    private static final int MIN_BUFFER_LENGTH = 1024;
    private static final String WELL_FORMED = "well-formed YAML";

    private final String text;
    private final Findings findings;
    private final Iterator<Event> events;
    private final Map<Anchor, YamlNode> anchors = new HashMap<>();
    private long nodesMade;
    private int line = 1;

    private YamlTreeBuilder(String text, Findings findings) {
        this.text = text;
        this.findings = findings;
        LoadSettings settings = LoadSettings.builder()
                .setCodePointLimit(YamlFile.MAX_LENGTH_BYTES)
                // The whole text in one piece: the library's reader copies all it looks ahead over with every piece of
                // 1 KiB, which for one line of 16 MiB took 20 seconds.
                .setBufferSize(Math.max(text.length(), MIN_BUFFER_LENGTH))
                .build();
        this.events = new Parse(settings).parseString(text).iterator();
    }

    /** {@return the root, or empty and a fault if this is not one document of YAML} */
    public static Optional<YamlNode> build(String text, Findings findings) {
        YamlTreeBuilder builder = new YamlTreeBuilder(text, findings);
        try {
            return builder.document();
        } catch (RefusedException e) {
            findings.fault(builder.line, "", e.getMessage(), e.expected);
        } catch (MarkedYamlEngineException e) {
            int at = e.getProblemMark().map(Mark::getLine).orElse(builder.line - 1) + 1;
            findings.fault(at, "", e.getProblem(), WELL_FORMED);
        } catch (ReaderException e) {
            int at = YamlFile.lineAt(text, text.offsetByCodePoints(0, Math.min(e.getPosition(), builder.length())));
            findings.fault(at, "", "character U+%04X".formatted(e.getCodePoint()), "printable text");
        } catch (RuntimeException e) {
            // The parser's own defects, such as a NumberFormatException for a silly %YAML version.
            findings.fault(builder.line, "", e.getMessage() == null ? e.toString() : e.getMessage(), WELL_FORMED);
        }
        return Optional.empty();
    }

    private int length() {
        return text.codePointCount(0, text.length());
    }

    private Optional<YamlNode> document() {
        next(); // start of stream
        if (next().getEventId() == Event.ID.StreamEnd) {
            line = 1;
            throw new RefusedException("empty", "a configuration: node, dataplane, pools, vips");
        }
        YamlNode root = node(next(), 1);
        next(); // end of document
        if (next().getEventId() != Event.ID.StreamEnd) {
            throw new RefusedException("a second document", "one document per file");
        }
        return Optional.of(root);
    }

    private Event next() {
        Event event = events.next();
        line = event.getStartMark().map(Mark::getLine).orElse(line - 1) + 1;
        return event;
    }

    private YamlNode node(Event event, int depth) {
        if (depth > MAX_DEPTH) {
            throw new RefusedException("more than " + MAX_DEPTH + " levels", "less nesting");
        }
        if (event instanceof AliasEvent alias) {
            return aliased(alias);
        }
        count(1);
        YamlNode node = switch (event) {
            case ScalarEvent scalar -> scalar(scalar);
            case CollectionStartEvent start when start.getEventId() == Event.ID.SequenceStart -> sequence(start, depth);
            case CollectionStartEvent start -> mapping(start, depth);
            default -> throw new RefusedException("a " + event.getEventId(), "a value");
        };
        ((NodeEvent) event).getAnchor().ifPresent(anchor -> anchors.put(anchor, node));
        return node;
    }

    private YamlNode aliased(AliasEvent alias) {
        // An anchor is known once its node is complete, so nothing can contain itself.
        YamlNode node = anchors.get(alias.getAlias());
        if (node == null) {
            throw new RefusedException("*" + alias.getAlias().getValue(), "the alias of an anchor further up");
        }
        count(node.nodeCount());
        return node;
    }

    private YamlNode scalar(ScalarEvent event) {
        refuseTag(event.getTag());
        return new YamlNode.Scalar(line, event.getValue(), event.isPlain());
    }

    private YamlNode sequence(CollectionStartEvent start, int depth) {
        refuseTag(start.getTag());
        int startLine = line;
        long nodeCount = 1;
        List<YamlNode> items = new ArrayList<>();
        for (Event event = next(); event.getEventId() != Event.ID.SequenceEnd; event = next()) {
            YamlNode item = node(event, depth + 1);
            items.add(item);
            nodeCount += item.nodeCount();
        }
        return new YamlNode.Sequence(startLine, items, nodeCount);
    }

    private YamlNode mapping(CollectionStartEvent start, int depth) {
        refuseTag(start.getTag());
        int startLine = line;
        long nodeCount = 1;
        List<YamlNode.Entry> entries = new ArrayList<>();
        for (Event event = next(); event.getEventId() != Event.ID.MappingEnd; event = next()) {
            YamlNode key = node(event, depth + 1);
            YamlNode value = node(next(), depth + 1);
            entries.add(new YamlNode.Entry(key, value));
            nodeCount += key.nodeCount() + value.nodeCount();
        }
        return new YamlNode.Mapping(startLine, entries, nodeCount);
    }

    private void refuseTag(Optional<String> tag) {
        tag.ifPresent(name -> findings.fault(line, "", "tag " + name, "no tags"));
    }

    private void count(long nodes) {
        nodesMade += nodes;
        if (nodesMade > MAX_NODES) {
            throw new RefusedException(
                    "more than " + MAX_NODES + " values, aliases written out", "a smaller configuration");
        }
    }

    /** Ends the reading; there is no sense in going on after it. */
    private static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final String expected;

        RefusedException(String found, String expected) {
            super(found);
            this.expected = expected;
        }
    }
}
