package io.l4lb.health.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.config.HealthCheckConfig.Request;
import io.l4lb.health.dns.DnsProbe;
import io.l4lb.health.grpc.GrpcProbe;
import io.l4lb.health.http.HttpProbe;
import io.l4lb.health.http.TlsLayer;
import io.l4lb.health.path.PlainWay;
import io.l4lb.health.probe.Deadline;
import io.l4lb.health.probe.Probe;
import io.l4lb.health.probe.ProbeException;
import io.l4lb.health.probe.Ticker;
import io.l4lb.health.probe.Way;
import io.l4lb.net.IpAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each kind of check against a server of Debian's: https and nginx, grpc and gRPC's own server in Python, dns and dnsmasq. No
 * namespaces, no root: free l4Ports of 127.0.0.1.
 */
class RealServersIT {
    private static final int TIMEOUT_MS = 10_000;
    private static final Way WAY = new PlainWay(IpAddress.parse("127.0.0.1").orElseThrow(), Optional.empty());
    private static final Ticker TICKER = new Ticker();

    @TempDir
    private static Path directory;

    private static RealServer nginx;
    private static RealServer grpc;
    private static RealServer unsignedDns;
    private static RealServer dns;

    @BeforeAll
    static void start() throws Exception {
        Certificates.makeIn(directory);
        nginx = RealServer.nginx(directory);
        grpc = RealServer.grpc(directory);
        unsignedDns = RealServer.dnsmasq("--address=/bad.example/192.0.2.9");
        dns = RealServer.dnsmasq(
                "--address=/up.example/192.0.2.1",
                "--local=/gone.example/",
                "--dnssec",
                "--trust-anchor=." + RealServer.SOME_KEY,
                "--trust-anchor=bad.example" + RealServer.SOME_KEY,
                "--server=/bad.example/127.0.0.1#" + unsignedDns.l4Port());
        for (Probe answered :
                List.of(https("a.example", "", false), grpcOf("up"), new DnsProbe(dns.l4Port(), "up.example"))) {
            awaitAnswer(answered);
        }
    }

    @AfterAll
    static void stop() throws IOException {
        for (RealServer each : new RealServer[] {nginx, grpc, unsignedDns, dns}) {
            if (each != null) {
                each.close();
            }
        }
        TICKER.close();
    }

    private static void awaitAnswer(Probe probe) throws Exception {
        for (int i = 0; ; i++) {
            try {
                run(probe);
                return;
            } catch (IOException e) {
                if (i == 500) {
                    throw e;
                }
                Thread.sleep(20);
            }
        }
    }

    private static String run(Probe probe) throws IOException {
        return probe.run(WAY, Deadline.in(TIMEOUT_MS, TICKER));
    }

    private static Probe https(String serverName, String body, boolean verify) {
        return new HttpProbe(
                nginx.l4Port(),
                request(serverName, body, verify),
                Optional.of(new TlsLayer(Optional.of(serverName), verify)));
    }

    private static Request request(String serverName, String body, boolean verify) {
        return new Request(
                "/",
                Optional.of(serverName),
                Request.DEFAULT_LOWEST_STATUS,
                Request.DEFAULT_HIGHEST_STATUS,
                Optional.of(body).filter(text -> !text.isEmpty()),
                verify,
                Request.DEFAULT_QUERY,
                "");
    }

    private static Probe grpcOf(String service) {
        return new GrpcProbe(grpc.l4Port(), Optional.empty(), service);
    }

    @Test
    void sniChoosesTheServer() throws IOException {
        assertThat(run(https("a.example", "this is a", false))).isEqualTo("status 200");
        assertThat(run(https("b.example", "this is b", false))).isEqualTo("status 200");
        assertThatThrownBy(() -> run(https("b.example", "this is a", false)))
                .isInstanceOf(ProbeException.class)
                .hasMessage("answered with status 200, but without the expected text");
    }

    @Test
    void aStatusThatIsNotExpectedIsAFailure() {
        assertThatThrownBy(() -> run(https("unknown.example", "", false)))
                .isInstanceOf(ProbeException.class)
                .hasMessage("answered with status 403");
    }

    @Test
    void aCertificateOfATrustedAuthorityPasses() throws Exception {
        try (Certificates.Trust _ = Certificates.trust(directory, "right")) {
            assertThat(run(https("a.example", "this is a", true))).isEqualTo("status 200");
        }
    }

    @Test
    void aCertificateOfAnotherAuthorityFails() throws Exception {
        assertRefused("wrong", "a.example", "unable to find valid certification path");
    }

    @Test
    void anExpiredCertificateFails() throws Exception {
        assertRefused("right", "expired.example", "validity check failed|NotAfter|expired");
    }

    @Test
    void aCertificateForAnotherNameFails() throws Exception {
        assertRefused("right", "unknown.example", "No subject alternative DNS name matching unknown.example found");
    }

    private static void assertRefused(String authority, String serverName, String reason) throws Exception {
        try (Certificates.Trust _ = Certificates.trust(directory, authority)) {
            assertThatThrownBy(() -> run(https(serverName, "", true)))
                    .isInstanceOf(SSLException.class)
                    .message()
                    .containsPattern(reason);
        }
        assertThatThrownBy(() -> run(https(serverName, "no such text", false))).isInstanceOf(ProbeException.class);
    }

    @Test
    void aServiceThatServesIsUp() throws IOException {
        assertThat(run(grpcOf("up"))).isEqualTo("SERVING");
        assertThat(run(grpcOf(""))).isEqualTo("SERVING");
    }

    @Test
    void aServiceThatDoesNotServeOrIsUnknownIsDown() {
        assertThatThrownBy(() -> run(grpcOf("down")))
                .isInstanceOf(ProbeException.class)
                .hasMessageContaining("NOT_SERVING");
        assertThatThrownBy(() -> run(grpcOf("unheard-of")))
                .isInstanceOf(ProbeException.class)
                .hasMessageContaining("no such service");
    }

    @Test
    void aNameThatIsAnsweredIsUp() throws IOException {
        assertThat(run(new DnsProbe(dns.l4Port(), "up.example"))).isEqualTo("NOERROR");
    }

    @ParameterizedTest
    @CsvSource({"gone.example, NXDOMAIN", "bad.example, SERVFAIL", "elsewhere.test, REFUSED"})
    void aNameThatIsAnsweredWithAnErrorIsDown(String name, String code) {
        assertThatThrownBy(() -> run(new DnsProbe(dns.l4Port(), name)))
                .isInstanceOf(ProbeException.class)
                .hasMessage("answered with " + code);
    }
}
