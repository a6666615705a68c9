package io.l4lb.config.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.check.ConfigReader;
import io.l4lb.config.check.ConfigResult;
import io.l4lb.config.yaml.Fault;
import io.l4lb.net.IpAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file that an access list names: what it means, what is wrong in it, and many prefixes. */
class AccessListFileTest {
    private static final String YAML = """
            node: {id: lb1}
            dataplane: {ethPorts: [{name: edge, device: net_null0}], outerSource: {ipv4: 192.0.2.1}}
            accessLists: [{name: office, default: deny, allow: [203.0.113.0/24], file: "FILE"}]
            pools: [{name: web, backends: [{name: web1, address: 10.0.0.11}]}]
            vips: [{name: web, address: 198.51.100.1, l4Port: 443, pool: web, accessList: office}]
            """;

    @TempDir
    private Path directory;

    private Path file() {
        return directory.resolve("office.acl");
    }

    private ConfigResult read() throws IOException {
        return ConfigReader.read(
                Files.writeString(directory.resolve("l4lb.yaml"), YAML.replace("FILE", file().toString())));
    }

    private AccessList list() throws IOException {
        L4lbConfig config = ((ConfigResult.Loaded) read()).config();
        return config.vips().getFirst().terms().accessList().orElseThrow();
    }

    private List<String> faults() throws IOException {
        return ((ConfigResult.Rejected) read())
                .faults().stream()
                        .map(Fault::toString)
                        .map(fault -> fault.replace(directory + "/", ""))
                        .toList();
    }

    private static IpAddress ip(String text) {
        return IpAddress.parse(text).orElseThrow();
    }

    @Test
    void rulesOfTheFileAndOfTheConfigurationAreOneList() throws IOException {
        Files.writeString(file(), """
                # the office
                allow 2001:db8:1::/48

                deny\t203.0.113.128/25   # not the guests
                  allow 203.0.113.200
                """);
        AccessList list = list();
        assertThat(list.allows(ip("203.0.113.1"))).isTrue();
        assertThat(list.allows(ip("203.0.113.129"))).isFalse();
        assertThat(list.allows(ip("203.0.113.200"))).isTrue();
        assertThat(list.allows(ip("2001:db8:1:2::3"))).isTrue();
        assertThat(list.allows(ip("2001:db8:2::3"))).isFalse();
        assertThat(list.ruleFor(ip("203.0.113.200")).orElseThrow().prefix()).hasToString("203.0.113.200/32");
        assertThat(list.ruleFor(ip("192.0.2.1"))).isEmpty();
    }

    @Test
    void everyFaultOfTheFileIsReportedWithItsPlace() throws IOException {
        Files.writeString(file(), """
                allow 203.0.113.0/24
                permit 192.0.2.0/24
                deny 192.0.2.1/24
                deny
                deny 192.0.2.0/33
                allow 192.0.2.0/24 # twice
                deny 192.0.2.0/24
                """, StandardCharsets.UTF_8);
        String expected = ": expected allow PREFIX or deny PREFIX, such as deny 192.0.2.0/24 or allow 2001:db8:1::/48";
        assertThat(faults())
                .containsExactly(
                        "office.acl:1: 203.0.113.0/24: expected each prefix once; line 3 has it too",
                        "office.acl:2: permit 192.0.2.0/24" + expected,
                        "office.acl:3: deny 192.0.2.1/24" + expected + "; perhaps 192.0.2.0/24",
                        "office.acl:4: deny" + expected,
                        "office.acl:5: deny 192.0.2.0/33" + expected,
                        "office.acl:7: 192.0.2.0/24: expected each prefix once; office.acl:6 has it too");
    }

    @Test
    void aFileThatIsNotThereOrNoneIsAFault() throws IOException {
        assertThat(faults()).singleElement().asString().startsWith("l4lb.yaml:3: accessLists[0].file:");
        Files.createDirectory(file());
        assertThat(faults()).singleElement().asString().startsWith("l4lb.yaml:3: accessLists[0].file:");
    }

    @Test
    void bytesThatAreNoTextAreFaultsAndNothingElse() throws IOException {
        byte[] bytes = new byte[100_000];
        new java.util.Random(7).nextBytes(bytes);
        Files.write(file(), bytes);
        assertThat(faults()).isNotEmpty();
    }

    @Test
    void aHundredThousandPrefixesAreReadAndFound() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 100_000; i++) {
            text.append(i % 2 == 0 ? "allow " : "deny ")
                    .append(
                            i % 4 < 2
                                    ? IpAddress.ipv4(i << 12) + "/20"
                                    : IpAddress.ipv6((0x2a00L << 48) | ((long) i << 16), 0) + "/48")
                    .append('\n');
        }
        Files.writeString(file(), text);
        long startNs = System.nanoTime();
        AccessList list = list();
        System.out.printf(
                "100,000 prefixes: read and built in %d ms, %d boundaries%n",
                (System.nanoTime() - startNs) / 1_000_000, list.table().boundaryCount());
        assertThat(list.allows(IpAddress.ipv4(5 << 12))).isFalse();
        assertThat(list.allows(IpAddress.ipv4(4 << 12))).isTrue();
        assertThat(list.allows(IpAddress.ipv6((0x2a00L << 48) | (6L << 16), 1))).isTrue();
        assertThat(list.allows(IpAddress.ipv6((0x2a00L << 48) | (7L << 16), 1))).isFalse();
    }
}
