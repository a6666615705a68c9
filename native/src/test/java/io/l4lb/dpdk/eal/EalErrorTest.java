package io.l4lb.dpdk.eal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.dpdk.binding.DpdkException;
import io.l4lb.dpdk.ethdev.EthDev;
import io.l4lb.dpdk.testing.ChildJvm;
import io.l4lb.dpdk.testing.SharedEal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EalErrorTest {
    @Test
    void aSecondStartIsRefused() {
        SharedEal.get();
        assertThatThrownBy(() -> Eal.start(SharedEal.arguments()))
                .isInstanceOf(DpdkException.class)
                .hasMessageContaining("already called initialization")
                .hasMessageContaining("cure: DPDK's EAL starts once per process");
        assertThat(SharedEal.get().version()).startsWith("DPDK ");
    }

    @Test
    void aMissingInterfaceIsNamedWithDpdksOwnText() {
        assertThatThrownBy(() -> SharedEal.get().attach("net_af_packet7,iface=no-such-if"))
                .isInstanceOf(DpdkException.class)
                .hasMessageContaining("cannot attach net_af_packet7,iface=no-such-if")
                .hasMessageContaining("DPDK: EAL: Driver cannot attach the device (net_af_packet7)")
                .hasMessageContaining("cure: there is no interface no-such-if");
    }

    @Test
    void anUnknownDriverIsExplained() {
        assertThatThrownBy(() -> SharedEal.get().attach("net_nonsense0"))
                .isInstanceOf(DpdkException.class)
                .hasMessageContaining("failed to parse device")
                .hasMessageContaining("cure: there is no such device or driver");
    }

    @Test
    void aMissingCaptureIsNamed() {
        assertThatThrownBy(() -> SharedEal.get().attach("net_pcap9999,rx_pcap=/no/such.pcap"))
                .isInstanceOf(DpdkException.class)
                .hasMessageContaining("/no/such.pcap: No such file or directory")
                .hasMessageContaining("cure: check the file names");
    }

    @Test
    void aDeviceThatIsGivenTwiceIsRefusedUntilTheFirstIsClosed() {
        try (EthDev _ = SharedEal.get().attach("net_null8888,size=64")) {
            assertThatThrownBy(() -> SharedEal.get().attach("net_null8888,size=128"))
                    .isInstanceOf(DpdkException.class)
                    .hasMessageContaining("net_null8888 is attached already, as net_null8888,size=64");
        }
        SharedEal.get().attach("net_null8888,size=128").close();
    }

    @Test
    void tooFewHugePagesAreExplained() throws InterruptedException {
        try (ChildJvm child = child(List.of(), "eal:--in-memory", "eal:-m", "eal:10000000")) {
            assertThat(child.awaitExit()).isEqualTo(1);
            assertThat(child.output()).contains("cannot start DPDK's EAL").contains("cure: not enough huge pages");
        }
    }

    @Test
    void optionsThatDpdkDoesNotKnowAreExplained() throws InterruptedException {
        try (ChildJvm child = child(List.of(), "eal:--frobnicate")) {
            assertThat(child.awaitExit()).isEqualTo(1);
            assertThat(child.output()).contains("'--frobnicate'").contains("cure: correct dataplane.eal");
        }
    }

    @Test
    void aShimThatIsNotThereIsExplained(@TempDir Path folder) throws InterruptedException {
        try (ChildJvm child = child(List.of("-Dl4lb.nativeDirectory=" + folder))) {
            assertThat(child.awaitExit()).isEqualTo(1);
            assertThat(child.output())
                    .contains("cannot load " + folder.resolve("libl4lb-shim.so") + ": no such file")
                    .contains("cure: build it");
        }
    }

    @Test
    void aShimThatCannotBeLoadedIsExplainedInTheLoadersWords(@TempDir Path folder)
            throws IOException, InterruptedException {
        Files.writeString(folder.resolve("libl4lb-shim.so"), "no library");
        try (ChildJvm child = child(List.of("-Dl4lb.nativeDirectory=" + folder))) {
            assertThat(child.awaitExit()).isEqualTo(1);
            assertThat(child.output())
                    .contains("libl4lb-shim.so: file too short")
                    .contains("cure: install DPDK");
        }
    }

    @Test
    void startAndOrderlyStopLeaveNothingRunning() throws InterruptedException {
        try (ChildJvm child = child(List.of(), "net_null0", "net_null1")) {
            child.await("ready");
            child.terminate();
            child.await("closed");
            child.awaitExit();
        }
    }

    private static ChildJvm child(List<String> jvmOptions, String... arguments) {
        return ChildJvm.start(List.of(), jvmOptions, AttachProgram.class, List.of(arguments));
    }
}
