package io.l4lb.dpdk.tun;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.dpdk.testing.ChildJvm;
import io.l4lb.dpdk.testing.NetworkNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real tun device in a namespace of its own. Needs root; skipped otherwise. */
class TunDeviceIT {
    private NetworkNamespace namespace;

    @BeforeEach
    void makeNamespace() throws IOException, InterruptedException {
        namespace = NetworkNamespace.createOrSkip("l4lb-tun");
        namespace.exec("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=0", "net.ipv6.conf.default.disable_ipv6=0");
        namespace.exec("ip", "link", "set", "lo", "up");
        namespace.exec("ip", "addr", "add", "10.9.9.9/32", "dev", "lo");
        namespace.exec("ip", "-6", "addr", "add", "fd09::9/128", "dev", "lo", "nodad");
    }

    @AfterEach
    void deleteNamespace() {
        if (namespace != null) {
            namespace.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"203.0.113.1", "2001:db8:f::1"})
    void packetsToARouteAreReadAndAnsweredAndTheInterfaceVanishesWithTheProcess(String address)
            throws IOException, InterruptedException {
        try (ChildJvm child = child("l4lb-test", address)) {
            child.await("ready");
            assertThat(child.output().lines())
                    .containsExactly(
                            "route made",
                            "sent: true",
                            "answer: there and back",
                            "route removed",
                            "nothing comes: 0",
                            "up: false",
                            "up: true",
                            "ready");
            assertThat(ip("route", "show", "table", "all", "proto", "198")).contains(address, "l4lb-test", "4000");
            child.kill();
        }
        assertThat(ip("link", "show")).doesNotContain("l4lb-test");
        assertThat(ip("route", "show", "table", "all", "proto", "198")).isEmpty();
    }

    @Test
    void anInterfaceOfThatNameIsAnErrorThatSaysSo() throws IOException, InterruptedException {
        namespace.exec("ip", "tuntap", "add", "taken0", "mode", "tun");
        try (ChildJvm child = child("taken0", "203.0.113.1")) {
            assertThat(child.awaitExit()).isEqualTo(1);
            assertThat(child.output()).contains("cannot make the interface taken0: it exists already");
        }
    }

    @Test
    void removingTheInterfaceUnderTheProcessEndsAReceive() throws IOException, InterruptedException {
        try (ChildJvm child =
                ChildJvm.start(namespace.prefix(), List.of(), TunReceiveProgram.class, List.of("l4lb-gone"))) {
            child.await("receiving");
            namespace.exec("ip", "link", "del", "l4lb-gone");
            child.await("the interface l4lb-gone has been removed");
            child.await("up: false");
        }
    }

    private ChildJvm child(String... arguments) {
        return ChildJvm.start(namespace.prefix(), List.of(), TunEchoProgram.class, List.of(arguments));
    }

    /** Both families, for {@code ip route}. */
    private String ip(String... arguments) throws IOException {
        StringBuilder said = new StringBuilder();
        for (String family : List.of("-4", "-6")) {
            List<String> command = new ArrayList<>(namespace.prefix());
            command.addAll(List.of("ip", family));
            command.addAll(List.of(arguments));
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            said.append(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        return said.toString();
    }
}
