package io.l4lb.health.ping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.health.path.PlainWay;
import io.l4lb.health.probe.Deadline;
import io.l4lb.health.probe.Ticker;
import io.l4lb.net.IpAddress;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Echo requests that the kernel answers. */
class PingIT {
    private final Pinger pinger = new Pinger();
    private final Ticker ticker = new Ticker();

    @BeforeAll
    static void needsRoot() {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root for a raw socket");
    }

    @AfterEach
    void close() {
        pinger.close();
        ticker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void thisMachineAnswers(String address) throws IOException {
        for (int i = 0; i < 3; i++) {
            assertThat(new PingProbe(pinger).run(way(address), Deadline.in(5000, ticker)))
                    .isEqualTo("echo reply");
        }
    }

    private static PlainWay way(String address) {
        return new PlainWay(IpAddress.parse(address).orElseThrow(), Optional.empty());
    }
}
