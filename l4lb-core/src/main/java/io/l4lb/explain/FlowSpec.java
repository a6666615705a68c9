package io.l4lb.explain;

import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A flow as people write it: {@code tcp 192.0.2.7:40000 -> 198.51.100.1:443} or
 * {@code udp [2001:db8::7]:5000 -> [2001:db8::1]:53}.
 */
public record FlowSpec(
        Protocol protocol, IpAddress source, int sourceL4Port, IpAddress destination, int destinationL4Port) {
    private static final Pattern FORM = Pattern.compile("\\s*(\\S+)\\s+(\\S+)\\s*->\\s*(\\S+)\\s*");
    private static final Pattern END = Pattern.compile("(?:\\[([^\\]]+)\\]|([^:\\[\\]]+)):(\\d{1,5})");
    private static final int L4_PORT_MAX = 65_535;

    private record End(IpAddress address, int l4Port) {}

    /**
     * {@return the flow that the text names}
     *
     * @throws IllegalArgumentException that says in one line what would be right
     */
    public static FlowSpec parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw wrong(text, "expected: PROTOCOL SOURCE:L4PORT -> DESTINATION:L4PORT");
        }
        Protocol protocol = switch (form.group(1).toLowerCase(Locale.ROOT)) {
            case "tcp" -> Protocol.TCP;
            case "udp" -> Protocol.UDP;
            default -> throw wrong(text, form.group(1) + " is not a protocol, expected tcp or udp");
        };
        End source = end(text, form.group(2));
        End destination = end(text, form.group(3));
        if (source.address.ipv6() != destination.address.ipv6()) {
            throw wrong(text, "source and destination are of different families");
        }
        return new FlowSpec(protocol, source.address, source.l4Port, destination.address, destination.l4Port);
    }

    private static End end(String text, String end) {
        Matcher matcher = END.matcher(end);
        if (!matcher.matches()) {
            throw wrong(text, end + " is not ADDRESS:L4PORT, or [ADDRESS]:L4PORT for IPv6");
        }
        boolean bracketed = matcher.group(1) != null;
        String address = bracketed ? matcher.group(1) : matcher.group(2);
        IpAddress ip = IpAddress.parse(address)
                .filter(parsed -> parsed.ipv6() == bracketed)
                .orElseThrow(() -> wrong(text, address + " is not an IP address"));
        int l4Port = Integer.parseInt(matcher.group(3));
        if (l4Port > L4_PORT_MAX) {
            throw wrong(text, l4Port + " is not an L4 port, expected 0 to " + L4_PORT_MAX);
        }
        return new End(ip, l4Port);
    }

    private static IllegalArgumentException wrong(String text, String why) {
        return new IllegalArgumentException(
                "flow '" + text + "': " + why
                        + "; for example 'tcp 192.0.2.7:40000 -> 198.51.100.1:443' or 'udp [2001:db8::7]:5000 -> [2001:db8::1]:53'");
    }

    private static String end(IpAddress address, int l4Port) {
        return address.ipv6() ? "[" + address + "]:" + l4Port : address + ":" + l4Port;
    }

    @Override
    public String toString() {
        return protocol.label() + " " + end(source, sourceL4Port) + " -> " + end(destination, destinationL4Port);
    }
}
