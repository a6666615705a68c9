package io.l4lb.health.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.config.HealthCheckConfig.Request;
import io.l4lb.health.dns.DnsProbe;
import io.l4lb.health.grpc.GrpcProbe;
import io.l4lb.health.http.HttpProbe;
import io.l4lb.health.http.TlsLayer;
import io.l4lb.health.path.PlainWay;
import io.l4lb.net.IpAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProbesTest {
    private static final int TIMEOUT_MS = 10_000;
    /** For what cannot be answered. */
    private static final int SHORT_MS = 300;
    /** A probe that does not end at its deadline runs for ever. */
    private static final Duration ENDS = Duration.ofSeconds(20);

    private static final Ticker TICKER = new Ticker();
    private static final Way WAY = new PlainWay(IpAddress.parse("127.0.0.1").orElseThrow(), Optional.empty());

    @AfterAll
    static void stopTicker() {
        TICKER.close();
    }

    @Test
    void aConnectionIsEnoughForTcp() throws IOException {
        try (OddServer server = OddServer.saying("")) {
            assertThat(run(new TcpProbe(server.l4Port()))).isEqualTo("connected");
        }
    }

    @Test
    void nobodyListeningIsAFailureAtOnce() throws IOException {
        int freeL4Port;
        try (ServerSocket socket = new ServerSocket(0)) {
            freeL4Port = socket.getLocalPort();
        }

        assertThatThrownBy(() -> run(new TcpProbe(freeL4Port))).isInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> run(http(freeL4Port, ""))).isInstanceOf(ConnectException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\n\r\nit works",
                "HTTP/1.0 204\r\n\r\nit works",
                "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nit works",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nit w\r\n4;x=y\r\norks\r\n0\r\n\r\n",
                "HTTP/1.1 399 Odd\r\nA: b\r\n\r\n0123456789it works9876543210"
            })
    void anExpectedAnswerIsASuccess(String answer) throws IOException {
        try (OddServer server = OddServer.saying(answer)) {
            assertThat(run(http(server.l4Port(), "it works"))).startsWith("status ");
            assertThat(run(http(server.l4Port(), ""))).startsWith("status ");
        }
    }

    @Test
    void textThatComesInPiecesIsFound() throws IOException {
        OddServer.Manner pieces = (socket, out) -> {
            socket.getInputStream().read(new byte[4096]);
            for (byte one : "HTTP/1.1 200 OK\r\n\r\n.it works.".getBytes(StandardCharsets.US_ASCII)) {
                out.write(one);
                out.flush();
                Thread.sleep(2);
            }
        };
        try (OddServer server = new OddServer(pieces)) {
            assertThat(run(http(server.l4Port(), "it works"))).isEqualTo("status 200");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 500 Oops\r\n\r\nit works",
                "HTTP/1.1 404 Not Found\r\n\r\nit works",
                "HTTP/1.1 200 OK\r\n\r\nit is broken",
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nit works",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nit works",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nit works",
                "HTTP/1.1 200 OK\r\nA: b\r\n",
                "HTTP/2 200\r\n\r\nit works",
                "SSH-2.0-OpenSSH\r\n",
                "\0\1\2\3",
                ""
            })
    void anyOtherAnswerIsAFailure(String answer) throws IOException {
        try (OddServer server = OddServer.saying(answer)) {
            assertThatThrownBy(() -> run(http(server.l4Port(), "it works"))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void anEndlessAnswerEndsAtALimitOfBytes() throws IOException {
        OddServer.Manner endless = (socket, out) -> {
            out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            while (true) {
                out.write(new byte[10_000]);
            }
        };
        try (OddServer server = new OddServer(endless)) {
            assertThatThrownBy(() -> run(http(server.l4Port(), "it works"))).hasMessageContaining("65536 bytes");
        }
    }

    @Test
    void garbageWithoutEndEndsAtALimitOfBytes() throws IOException {
        OddServer.Manner garbage = (socket, out) -> {
            while (true) {
                out.write(new byte[10_000]);
            }
        };
        try (OddServer server = new OddServer(garbage)) {
            assertThatThrownBy(() -> run(http(server.l4Port(), "it works"))).isInstanceOf(ProbeException.class);
            assertThatThrownBy(() -> run(grpc(server.l4Port()))).isInstanceOf(ProbeException.class);
            assertThatThrownBy(() -> run(https(server.l4Port(), false))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void oneByteASecondEndsAtTheDeadline() throws IOException {
        OddServer.Manner slow = (socket, out) -> {
            for (byte one : "HTTP/1.1 200 OK".repeat(100).getBytes(StandardCharsets.US_ASCII)) {
                out.write(one);
                Thread.sleep(50);
            }
        };
        try (OddServer server = new OddServer(slow)) {
            assertEndsAtDeadline(http(server.l4Port(), ""));
            assertEndsAtDeadline(grpc(server.l4Port()));
        }
    }

    @Test
    void aSlowHandshakeEndsAtTheDeadline() throws IOException {
        OddServer.Manner slow = (socket, out) -> {
            byte[] record = new byte[16_000];
            record[0] = 22; // a handshake record of TLS 1.2 whose bytes come one by one
            record[1] = 3;
            record[2] = 3;
            record[3] = 0x3e;
            for (byte one : record) {
                out.write(one);
                Thread.sleep(50);
            }
        };
        try (OddServer server = new OddServer(slow)) {
            assertEndsAtDeadline(https(server.l4Port(), false));
        }
    }

    @Test
    void silenceEndsAtTheDeadline() throws IOException {
        OddServer.Manner silent = (socket, out) -> Thread.sleep(ENDS);
        try (OddServer server = new OddServer(silent);
                DatagramSocket nobody = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            assertEndsAtDeadline(http(server.l4Port(), ""));
            assertEndsAtDeadline(grpc(server.l4Port()));
            assertEndsAtDeadline(https(server.l4Port(), true));
            assertEndsAtDeadline(new DnsProbe(nobody.getLocalPort(), "a.example"));
        }
    }

    @Test
    void dnsWantsAnAnswerWithoutError() throws IOException {
        assertThat(dnsAnswering(0x8180)).isEqualTo("NOERROR");
        assertThatThrownBy(() -> dnsAnswering(0x8182)).hasMessageContaining("SERVFAIL");
        assertThatThrownBy(() -> dnsAnswering(0x8185)).hasMessageContaining("REFUSED");
        assertThatThrownBy(() -> dnsAnswering(0x0100)).hasMessageContaining("no answer to the query");
    }

    private static String dnsAnswering(int flags) throws IOException {
        try (DatagramSocket server = new DatagramSocket(0, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            Thread.ofVirtual().start(() -> {
                DatagramPacket packet = new DatagramPacket(new byte[512], 512);
                try {
                    server.receive(packet);
                    packet.getData()[2] = (byte) (flags >> 8);
                    packet.getData()[3] = (byte) flags;
                    for (int i = 0; i < 16; i++) {
                        server.send(packet);
                    }
                } catch (IOException _) {
                    return; // the probe's words tell
                }
            });
            return run(new DnsProbe(server.getLocalPort(), "a.example"));
        }
    }

    private static void assertEndsAtDeadline(Probe probe) {
        long startNs = System.nanoTime();
        assertThatThrownBy(() -> probe.run(WAY, Deadline.in(SHORT_MS, TICKER)))
                .satisfies(e -> assertThat(
                                e instanceof SocketTimeoutException || e.getCause() instanceof SocketTimeoutException)
                        .as("%s", e)
                        .isTrue());
        assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(ENDS);
    }

    private static String run(Probe probe) throws IOException {
        return probe.run(WAY, Deadline.in(TIMEOUT_MS, TICKER));
    }

    private static Probe http(int l4Port, String body) {
        return new HttpProbe(l4Port, request(body), Optional.empty());
    }

    private static Probe https(int l4Port, boolean verify) {
        return new HttpProbe(l4Port, request(""), Optional.of(new TlsLayer(Optional.of("a.example"), verify)));
    }

    private static Probe grpc(int l4Port) {
        return new GrpcProbe(l4Port, Optional.empty(), "");
    }

    private static Request request(String body) {
        return new Request(
                "/up", Optional.empty(), 200, 399, Optional.of(body).filter(text -> !text.isEmpty()), false, ".", "");
    }
}
