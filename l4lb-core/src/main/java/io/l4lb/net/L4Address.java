package io.l4lb.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where something listens. Any thread; immutable.
 *
 * @param l4Port 1 .. 65535
 */
public record L4Address(IpAddress address, int l4Port) {
    public static final int MAX_L4_PORT = 65_535;

    private static final Pattern IPV4 = Pattern.compile("([^:\\[\\]]+):([1-9][0-9]{0,4})");
    private static final Pattern IPV6 = Pattern.compile("\\[([^\\[\\]]+)]:([1-9][0-9]{0,4})");

    /** {@return 192.0.2.1:7654 or [2001:db8::1]:7654 as read; empty if it is anything else} Asks no name service. */
    public static Optional<L4Address> parse(String text) {
        return parse(IPV4.matcher(text), false).or(() -> parse(IPV6.matcher(text), true));
    }

    private static Optional<L4Address> parse(Matcher text, boolean ipv6) {
        if (!text.matches() || Integer.parseInt(text.group(2)) > MAX_L4_PORT) {
            return Optional.empty();
        }
        int l4Port = Integer.parseInt(text.group(2));
        return IpAddress.parse(text.group(1))
                .filter(address -> address.ipv6() == ipv6)
                .map(address -> new L4Address(address, l4Port));
    }

    public InetSocketAddress socketAddress() {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address.bytes()), l4Port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of 4 or 16 bytes", e);
        }
    }

    @Override
    public String toString() {
        return (address.ipv6() ? "[" + address + "]" : address.toString()) + ":" + l4Port;
    }
}
