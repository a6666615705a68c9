package io.l4lb.announce.bird;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What birdc prints, read. Lines that are none of the expected ones are passed over: the daemon may be of a newer version. */
final class BirdReply {
    /** Name, Proto, Table, State, Since (a time, or a date and a time), Info. */
    private static final Pattern PROTOCOL = Pattern.compile(
            "(\\S+)\\s+(\\S+)\\s+(\\S+)\\s+(up|down|start|flush|stop)\\s+((?:\\d{4}-\\d{2}-\\d{2}\\s?)?(?:[\\d:.]+)?)\\s*(.*)");

    /** IP address, Interface, State. */
    private static final Pattern BFD = Pattern.compile("([0-9a-fA-F:.]+)\\s+(\\S+)\\s+(Up|Down|Init|AdminDown)\\b.*");

    private static final Pattern VERSION = Pattern.compile("BIRD (?:version )?(\\d+)\\.(\\d+)\\S*");

    /** A line of {@code show protocols}. */
    record Protocol(String name, String kind, String state, String since, String info) {}

    private BirdReply() {}

    static List<Protocol> protocols(String reply) {
        List<Protocol> found = new ArrayList<>();
        reply.lines().map(PROTOCOL::matcher).filter(Matcher::matches).forEach(line -> {
            found.add(new Protocol(
                    line.group(1),
                    line.group(2),
                    line.group(4),
                    line.group(5).strip(),
                    line.group(6).strip()));
        });
        return found;
    }

    /** {@return the state of each BFD session of {@code show bfd sessions}, by the neighbour's address} */
    static Map<String, String> bfdStates(String reply) {
        Map<String, String> states = new HashMap<>();
        reply.lines()
                .map(BFD::matcher)
                .filter(Matcher::matches)
                .forEach(line -> states.put(line.group(1), line.group(3)));
        return states;
    }

    /** {@return the version as the daemon or the program tells it, such as "2.0.12"; empty if it does not} */
    static String version(String reply) {
        Matcher version = VERSION.matcher(reply);
        return version.find() ? version.group().replaceFirst("BIRD (version )?", "") : "";
    }

    static int major(String version) {
        Matcher parts = VERSION.matcher("BIRD " + version);
        return parts.find() ? Integer.parseInt(parts.group(1)) : 0;
    }
}
