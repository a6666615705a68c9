package io.l4lb.announce;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.check.ConfigReader;
import io.l4lb.config.check.ConfigResult;
import io.l4lb.net.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Decisions, by a hand-moved clock and routes that are a set. */
class AnnouncerTest {
    private static final String CONFIG = """
            node: {id: lb1}
            dataplane: {outerSource: {ipv4: 192.0.2.1}}
            announce: {daemon: none, minHealthyBackends: 2}
            pools:
              - {name: a, backends: [{name: a1, address: 10.0.0.1}, {name: a2, address: 10.0.0.2}]}
              - {name: b, backends: [{name: b1, address: 10.0.0.1}, {name: b2, address: 10.0.0.2}]}
            vips:
              - {name: web, address: 198.51.100.1, l4Port: 443, pool: a}
              - {name: plain, address: 198.51.100.1, l4Port: 80, pool: b}
              - {name: mail, address: 198.51.100.2, l4Port: 25, pool: b}
            """;

    private static final String FIRST = "198.51.100.1";
    private static final String SECOND = "198.51.100.2";

    @TempDir
    private Path directory;

    private final SetRoutes routes = new SetRoutes();
    private long nowNs;
    private Announcer announcer;

    /** Routes as the kernel would have them. */
    private static final class SetRoutes implements VipRoutes {
        private final Set<String> announced = new TreeSet<>();
        private boolean up = true;
        private int restored;

        @Override
        public boolean intact() {
            return up;
        }

        @Override
        public void restore() {
            restored++;
            up = true;
        }

        @Override
        public void announce(IpAddress address) {
            announced.add(address.toString());
        }

        @Override
        public void withdraw(IpAddress address) {
            assertThat(announced.remove(address.toString())).isTrue();
        }

        void down() {
            up = false;
            announced.clear();
        }
    }

    @BeforeEach
    void make() throws IOException {
        announcer = new Announcer(routes, config(CONFIG), () -> nowNs);
    }

    private L4lbConfig config(String yaml) throws IOException {
        ConfigResult result = ConfigReader.read(Files.writeString(directory.resolve("l4lb.yaml"), yaml));
        assertThat(result).isInstanceOf(ConfigResult.Loaded.class);
        return ((ConfigResult.Loaded) result).config();
    }

    private void passSeconds(int seconds) {
        for (int i = 0; i < seconds * 20; i++) {
            nowNs += TimeUnit.MILLISECONDS.toNanos(50);
            announcer.tick();
        }
    }

    private List<Optional<String>> reasons() {
        return announcer.status().stream().map(VipStatus::reason).toList();
    }

    @Test
    void whileNoEthPortIsUpNothingIsAnnouncedAndTheReasonIsSaid() {
        announcer.ready(true);
        announcer.ethPorts(Optional.of("ethPort edge: link down"));
        assertThat(routes.announced).isEmpty();
        assertThat(reasons()).containsOnly(Optional.of("ethPort edge: link down"));
        announcer.ethPorts(Optional.empty());
        passSeconds(2);
        assertThat(routes.announced).containsExactly(FIRST, SECOND);
    }

    @Test
    void nothingIsAnnouncedBeforeTheNodeIsReadyAndAllIsThen() {
        announcer.tick();
        assertThat(routes.announced).isEmpty();
        assertThat(reasons())
                .containsOnly(Optional.of(
                        "the node is not ready: it is starting, or has not caught up with its peers (./l4lb peers)"));
        announcer.ready(true);
        assertThat(routes.announced).containsExactly(FIRST, SECOND);
        assertThat(reasons()).containsOnly(Optional.empty());
    }

    @Test
    void aVipIsWithdrawnInTheCallThatSaysItsBackendsAreDownAndComesBackAfterTheStatedPause() {
        announcer.ready(true);
        announcer.backendsUp("b", 1);
        assertThat(routes.announced).as("web still serves the first").containsExactly(FIRST);
        assertThat(reasons().getLast()).hasValue("pool b has 1 backend(s) up, announce.minHealthyBackends is 2");
        announcer.backendsUp("b", 2);
        assertThat(routes.announced).containsExactly(FIRST);
        assertThat(reasons().getLast()).hasValue("it was withdrawn; announced again in 1.0 s if all stays well");
        passSeconds(1);
        assertThat(routes.announced).containsExactly(FIRST, SECOND);
    }

    @Test
    void anAddressGoesWhenNoneOfItsVipsCanBeServed() {
        announcer.ready(true);
        announcer.backendsUp("a", 0);
        assertThat(routes.announced).containsExactly(FIRST, SECOND);
        announcer.backendsUp("b", 0);
        assertThat(routes.announced).isEmpty();
    }

    @Test
    void aDrainedNodeAnnouncesNothingAndAnUndrainedOneAtOnce() {
        announcer.ready(true);
        announcer.drain(true);
        assertThat(routes.announced).isEmpty();
        passSeconds(5);
        assertThat(routes.announced).isEmpty();
        announcer.drain(false);
        assertThat(routes.announced).containsExactly(FIRST, SECOND);
    }

    @Test
    void aStoppingNodeAnnouncesNothingEverAgain() {
        announcer.ready(true);
        announcer.stop();
        announcer.ready(true);
        announcer.drain(false);
        announcer.backendsUp("a", 2);
        passSeconds(5);
        assertThat(routes.announced).isEmpty();
    }

    @Test
    void aStandingWorkerKeepsTheDeviceDownUntilItGoesOn() {
        announcer.ready(true);
        routes.down(); // as the watchdog does it
        announcer.stall(Optional.of("worker 0 stands still"));
        passSeconds(3);
        assertThat(routes.restored).isZero();
        assertThat(reasons()).containsOnly(Optional.of("worker 0 stands still"));
        announcer.stall(Optional.empty());
        assertThat(routes.restored).isOne();
        assertThat(routes.announced).isEmpty();
        passSeconds(2);
        assertThat(routes.announced).containsExactly(FIRST, SECOND);
    }

    @Test
    void aDeviceThatSomebodyTookDownComesUpAgainAfterThePause() {
        announcer.ready(true);
        routes.down();
        announcer.tick();
        assertThat(routes.restored).isOne();
        assertThat(routes.announced).isEmpty();
        passSeconds(2);
        assertThat(routes.announced).containsExactly(FIRST, SECOND);
    }

    @Test
    void aReloadAnnouncesWhatIsNewAndWithdrawsWhatIsGone() throws IOException {
        announcer.ready(true);
        announcer.backendsUp("b", 0);
        announcer.configure(config(CONFIG.replace("198.51.100.1", "198.51.100.9")));
        assertThat(routes.announced).as("pool b is still known to be down").containsExactly("198.51.100.9");
    }
}
