package io.l4lb.dpdk.eal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.dpdk.testing.ChildJvm;
import io.l4lb.dpdk.testing.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** net_af_xdp on a veth pair in a namespace of its own. Needs root; skipped otherwise. */
class AfXdpIT {
    private static final Path FILTER = Path.of(System.getProperty("l4lb.nativeDirectory"), "vip_filter.o");
    private static final String DEVICE = "net_af_xdp0,iface=xdp0,xdp_prog=" + FILTER;

    private NetworkNamespace namespace;

    @BeforeEach
    void makeVethPair() throws IOException, InterruptedException {
        namespace = NetworkNamespace.createOrSkip("l4lb-native");
        namespace.exec("ip", "link", "add", "xdp0", "mtu", "1500", "type", "veth", "peer", "name", "peer0");
        namespace.exec("ip", "link", "set", "peer0", "mtu", "1500", "up");
        namespace.exec("ip", "link", "set", "xdp0", "up");
    }

    @AfterEach
    void deleteNamespace() {
        if (namespace != null) {
            namespace.close();
        }
    }

    @Test
    void framesPassBothWays() throws InterruptedException {
        try (ChildJvm child = child(AfXdpRoundTripProgram.class)) {
            assertThat(child.awaitExit()).as(child.output()).isZero();
            assertThat(child.output().lines().filter("same"::equals)).hasSize(20);
        }
    }

    @Test
    void anOrderlyStopTakesTheXdpProgramOff() throws InterruptedException {
        assumeFilter();
        for (int i = 0; i < 2; i++) {
            try (ChildJvm child = child(AttachProgram.class, DEVICE)) {
                child.await("ready");
                child.terminate();
                child.await("closed");
                child.awaitExit();
            }
        }
    }

    @Test
    void aProgramLeftByAKilledProcessIsExplained() throws IOException, InterruptedException {
        assumeFilter();
        try (ChildJvm killed = child(AttachProgram.class, DEVICE)) {
            killed.await("ready");
            killed.kill();
        }
        try (ChildJvm second = child(AttachProgram.class, DEVICE)) {
            assertThat(second.awaitExit()).isEqualTo(1);
            assertThat(second.output())
                    .contains("XDP program already attached")
                    .contains("cure: an XDP program was left attached")
                    .contains("ip link set dev xdp0 xdp off");
        }
        namespace.exec("ip", "link", "set", "dev", "xdp0", "xdp", "off");
        try (ChildJvm third = child(AttachProgram.class, DEVICE)) {
            third.await("ready");
        }
    }

    private ChildJvm child(Class<?> mainClass, String... arguments) {
        return ChildJvm.start(namespace.prefix(), List.of(), mainClass, List.of(arguments));
    }

    private static void assumeFilter() {
        boolean built = Files.exists(FILTER);
        if (!built) {
            System.out.println("skipped: " + FILTER + " is not built (clang is missing?)");
        }
        assumeTrue(built, "the XDP filter is not built");
    }
}
