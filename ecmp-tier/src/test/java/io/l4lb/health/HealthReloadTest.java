package io.l4lb.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.check.ConfigReader;
import io.l4lb.config.check.ConfigResult;
import io.l4lb.dpdk.tun.TunDevice;
import io.l4lb.health.path.DataPath;
import io.l4lb.health.probe.OddServer;
import io.l4lb.net.BackendState;
import io.l4lb.net.IpAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What reloads do to checks that are under way, with servers on loopback that count who asks. */
class HealthReloadTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** The first try comes within a second, another within no test. */
    private static final int HOUR_MS = 3_600_000;

    private static final int SOON_MS = 50;
    private static final String TCP = "type: tcp, via: address";
    private static final String HTTP = "type: http, via: address";

    @TempDir
    private Path directory;

    private final AtomicInteger triesOfA = new AtomicInteger();
    private final AtomicInteger triesOfB = new AtomicInteger();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private volatile boolean fails;
    private OddServer a;
    private OddServer b;

    @BeforeEach
    void start() throws IOException {
        a = server(triesOfA);
        b = server(triesOfB);
    }

    @AfterEach
    void stop() throws IOException {
        a.close();
        b.close();
    }

    private OddServer server(AtomicInteger tries) throws IOException {
        return new OddServer((socket, out) -> {
            socket.getInputStream().read(new byte[4096]);
            tries.incrementAndGet();
            out.write((fails ? "HTTP/1.1 500 No\r\n\r\n" : "HTTP/1.1 200 Yes\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        });
    }

    @Test
    void anIdenticalCheckGoesOnAndAChangedOneStartsAgain() throws IOException {
        try (HealthChecks checks = checks()) {
            checks.apply(config(pool("a", a, HTTP, HOUR_MS), pool("b", b, HTTP, HOUR_MS)));
            awaitFirstResults(checks);
            List<BackendReport> before = checks.report();

            checks.apply(config(pool("a", a, HTTP, HOUR_MS), pool("b", b, HTTP + ", path: /other", HOUR_MS)));
            await(() -> triesOfB.get() == 2);
            awaitFirstResults(checks);

            assertThat(triesOfA).hasValue(1);
            assertThat(checks.report().getFirst()).isEqualTo(before.getFirst());
            assertThat(heard).containsExactlyInAnyOrder("a up", "b up");
        }
    }

    @Test
    void reloadsThatComeFasterThanTriesNeitherStopChecksNorHideADeadBackend() throws IOException {
        try (HealthChecks checks = checks()) {
            L4lbConfig config = config(pool("a", a, HTTP, SOON_MS), pool("b", b, HTTP, SOON_MS));
            checks.apply(config);
            awaitFirstResults(checks);
            List<Long> since =
                    checks.report().stream().map(BackendReport::sinceMs).toList();

            int before = triesOfA.get();
            awaitReloading(checks, config, () -> triesOfA.get() >= before + 20);
            assertThat(checks.report()).extracting(BackendReport::sinceMs).isEqualTo(since);
            assertThat(heard).containsExactlyInAnyOrder("a up", "b up");

            fails = true;
            awaitReloading(checks, config, () -> heard.contains("a down") && heard.contains("b down"));
            fails = false;
            awaitReloading(checks, config, () -> heard.size() == 6);
            assertThat(heard.subList(4, 6)).containsExactlyInAnyOrder("a up", "b up");
        }
    }

    @Test
    void aRemovedCheckEndsAndItsBackendCountsAsUp() throws IOException {
        fails = true;
        try (HealthChecks checks = checks()) {
            checks.apply(config(pool("a", a, HTTP, SOON_MS), pool("b", b, HTTP, SOON_MS)));
            awaitFirstResults(checks);
            await(() -> heard.size() == 4);
            assertThat(heard).containsExactlyInAnyOrder("a doubted", "b doubted", "a down", "b down");

            checks.apply(config(pool("b", b, HTTP, SOON_MS)));
            assertThat(heard).hasSize(5).last().isEqualTo("a up");
            assertThat(checks.report()).extracting(BackendReport::pool).containsExactly("b");
            assertThat(checks.checkCount()).isEqualTo(1);
            int one = triesOfB.get();
            await(() -> triesOfB.get() >= one + 2); // a try that was under way has ended
            int after = triesOfA.get();
            await(() -> triesOfB.get() >= one + 20);
            assertThat(triesOfA).hasValue(after);
            assertThat(heard).hasSize(5);
        }
    }

    @Test
    void whereChecksCannotBeginBackendsCountAsUpAndTheOthersAreStillChecked() throws IOException {
        L4lbConfig first = config(pool("a", a, HTTP, SOON_MS));
        try (NodeHealth health = new NodeHealth(first, this::hear, HealthReloadTest::refused)) {
            health.start();
            health.apply(config(pool("a", a, HTTP, SOON_MS), pool("b", b, "type: http", SOON_MS)));
            assertThat(heard).containsExactly("a up", "b up");
            assertThat(triesOfB).hasValue(0);
            fails = true;
            await(() -> heard.contains("a down"));

            // can be checked now, and is as it was until it has been tried: it would be doubted first if it were new
            health.apply(config(pool("a", a, HTTP, SOON_MS), pool("b", b, TCP, SOON_MS)));
            await(() -> heard.size() == 4);
            assertThat(heard).containsExactly("a up", "b up", "a down", "b up");
        }
    }

    /** As the kernel does where it gives us no tun device. */
    private static DataPath refused(L4lbConfig config) {
        TunDevice.open("");
        throw new AssertionError("there is no interface without a name");
    }

    private HealthChecks checks() {
        return new HealthChecks(this::hear, () -> refused(null));
    }

    private void hear(String pool, String backend, BackendState state, String reason) {
        heard.add(pool + " " + state.label());
    }

    private static void awaitFirstResults(HealthChecks checks) {
        assertThat(checks.awaitFirstResults(LIMIT)).isTrue();
    }

    private static void await(BooleanSupplier condition) {
        awaitDoing(() -> {}, condition);
    }

    private static void awaitReloading(HealthChecks checks, L4lbConfig config, BooleanSupplier condition) {
        awaitDoing(() -> checks.apply(config), condition);
    }

    private static void awaitDoing(Runnable step, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadlineNs).isNegative();
            step.run();
            LockSupport.parkNanos(5_000_000);
        }
    }

    private static String pool(String name, OddServer server, String check, int intervalMs) {
        return """
                  - name: %s
                    backends: [{name: x, address: 10.0.0.1}]
                    healthCheck: {%s, l4Port: %d, intervalMs: %d, timeoutMs: %d, fall: 4}
                """.formatted(name, check, server.l4Port(), intervalMs, intervalMs);
    }

    private L4lbConfig config(String... pools) throws IOException {
        Path file = directory.resolve("l4lb.yaml");
        StringBuilder text = new StringBuilder("node: {id: n}\ndataplane: {outerSource: {ipv4: 192.0.2.1}}\npools:\n");
        for (String pool : pools) {
            text.append(pool.indent(0));
        }
        text.append("vips:\n");
        for (int i = 0; i < pools.length; i++) {
            String name = pools[i].replaceAll("(?s).*name: (\\w+)\n.*", "$1");
            text.append("  - {name: %s, address: 198.51.100.%d, l4Port: 80, pool: %s}\n".formatted(name, i + 1, name));
        }
        Files.writeString(file, text);
        return switch (ConfigReader.read(file)) {
            case ConfigResult.Loaded loaded -> onLoopback(loaded.config());
            case ConfigResult.Rejected rejected -> throw new AssertionError(List.copyOf(rejected.faults()));
        };
    }

    /** Which no file may ask for. */
    private static L4lbConfig onLoopback(L4lbConfig config) {
        IpAddress loopback = IpAddress.parse("127.0.0.1").orElseThrow();
        List<PoolConfig> pools = config.pools().stream()
                .map(pool -> new PoolConfig(
                        pool.name(),
                        pool.tableSize(),
                        List.of(new BackendConfig("x", loopback, BackendConfig.DEFAULT_WEIGHT, Optional.empty())),
                        pool.healthCheck(),
                        pool.slowStartSeconds()))
                .toList();
        return new L4lbConfig(config.node(), config.dataplane(), pools, config.vips());
    }
}
