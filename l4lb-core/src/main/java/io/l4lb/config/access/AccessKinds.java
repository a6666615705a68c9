package io.l4lb.config.access;

import io.l4lb.config.yaml.ValueKind;
import io.l4lb.net.IpAddress;
import io.l4lb.net.IpPrefix;
import java.nio.file.Path;
import java.util.Optional;

/** Values that access lists consist of. */
final class AccessKinds {
    /** {@code default}. */
    enum Verdict {
        ALLOW("allow"),
        DENY("deny");

        private final String label;

        Verdict(String label) {
            this.label = label;
        }

        String label() {
            return label;
        }
    }

    static final ValueKind<IpPrefix> PREFIX = new ValueKind<>(
            scalar -> prefix(scalar.text()),
            scalar -> "a prefix, such as 192.0.2.0/24 or \"2001:db8:1::/48\"" + objection(scalar.text()));

    static final ValueKind<Path> FILE = ValueKind.of(
            scalar -> ValueKind.text()
                    .read()
                    .apply(scalar)
                    .filter(text -> text.startsWith("/"))
                    .map(Path::of),
            "an absolute path of a file with allow PREFIX or deny PREFIX a line");

    private AccessKinds() {}

    /** {@return the prefix, or of an address the whole of it; empty: anything else, or bits behind the prefix's length} */
    static Optional<IpPrefix> prefix(String text) {
        if (text.indexOf('/') >= 0) {
            return IpPrefix.parse(text).filter(prefix -> prefix.first().equals(prefix.address()));
        }
        return IpAddress.parse(text).map(address -> new IpPrefix(address, address.lengthBytes() * Byte.SIZE));
    }

    /** {@return what is wrong with what is nearly a prefix} */
    static String objection(String text) {
        String last = text.substring(text.lastIndexOf(' ') + 1);
        return IpPrefix.parse(last)
                .map(prefix -> new IpPrefix(prefix.first(), prefix.length()))
                .filter(prefix -> !prefix.toString().equals(last))
                .map(prefix -> "; perhaps " + prefix)
                .orElse("");
    }
}
