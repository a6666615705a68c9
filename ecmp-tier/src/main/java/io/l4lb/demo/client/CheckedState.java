package io.l4lb.demo.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How all checked connections are.
 *
 * @param timeMs of this look, on the machine's clock
 * @param started connections that have been asked for
 * @param proven connections that live and have had an answer
 * @param oldestMs of those, each has had an answer to a line that it sent at this time or later; 0: none has
 * @param backends those connections by the backend that serves them
 * @param broken all that broke so far
 */
public record CheckedState(
        long timeMs, int started, int proven, long oldestMs, Map<String, Integer> backends, List<CheckedBreak> broken) {
    private static final String WORD = "state";
    private static final int BACKENDS_FROM = 5;

    static CheckedState of(long timeMs, List<CheckedConnection> connections) {
        List<CheckedConnection> proven = connections.stream()
                .filter(each -> !each.isBroken() && each.provenMs() > 0)
                .toList();
        Map<String, Integer> backends = new TreeMap<>();
        proven.forEach(each -> backends.merge(each.backend().orElseThrow(), 1, Integer::sum));
        long oldestMs =
                proven.stream().mapToLong(CheckedConnection::provenMs).min().orElse(0);
        return new CheckedState(timeMs, connections.size(), proven.size(), oldestMs, backends, List.of());
    }

    /** {@return one line, without those that broke: they have lines of their own} */
    String text() {
        StringBuilder text = new StringBuilder(
                String.join("\t", WORD, "" + timeMs, "" + started, "" + proven, Long.toString(oldestMs)));
        backends.forEach(
                (name, count) -> text.append('\t').append(name).append('=').append(count));
        return text.toString();
    }

    /** {@return the last state that whole lines tell of; nothing started yet if there is none} */
    public static CheckedState parse(List<String> lines) {
        CheckedState last = new CheckedState(0, 0, 0, 0, Map.of(), List.of());
        List<CheckedBreak> broken = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith(WORD)) {
                last = parse(line);
            } else if (line.startsWith(CheckedBreak.WORD)) {
                broken.add(CheckedBreak.parse(line));
            }
        }
        return new CheckedState(last.timeMs, last.started, last.proven, last.oldestMs, last.backends, broken);
    }

    private static CheckedState parse(String line) {
        String[] field = line.split("\t", -1);
        Map<String, Integer> backends = new TreeMap<>();
        for (int i = BACKENDS_FROM; i < field.length; i++) {
            String[] backend = field[i].split("=", 2);
            backends.put(backend[0], Integer.valueOf(backend[1]));
        }
        return new CheckedState(
                Long.parseLong(field[1]),
                Integer.parseInt(field[2]),
                Integer.parseInt(field[3]),
                Long.parseLong(field[4]),
                backends,
                List.of());
    }
}
