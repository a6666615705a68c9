package io.l4lb.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.forwarding.ForwardingNumbers.VipKey;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import io.l4lb.testing.Seed;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReplicaNumbersTest {
    private static final IpAddress VIP = IpAddress.parse("198.51.100.1").orElseThrow();

    private final ReplicaNumbers numbers = new ReplicaNumbers();

    @Test
    void whatIsKnownKeepsItsNumber() {
        Random random = new Random(Seed.of(ReplicaNumbersTest.class));
        Map<IpAddress, Integer> model = new HashMap<>();
        for (int step = 0; step < 20_000; step++) {
            // the same bits in both families, so that only the family tells them apart
            long low = random.nextInt(4000);
            IpAddress address = random.nextBoolean() ? IpAddress.ipv4((int) low) : IpAddress.ipv6(0, low);
            int number = numbers.backend(address);
            assertThat(number).isEqualTo(model.computeIfAbsent(address, key -> model.size()));
            assertThat(numbers.backendAddress(number)).isEqualTo(address);
        }
        assertThat(numbers.backendCount()).isEqualTo(model.size());
    }

    @Test
    void vipIsAddressAndProtocolAndHasTheSeedOfTheForwardingTable() {
        int tcp = numbers.vip(VIP, Protocol.TCP.number());
        int udp = numbers.vip(VIP, Protocol.UDP.number());

        assertThat(tcp).isEqualTo(1);
        assertThat(udp).isEqualTo(2);
        assertThat(numbers.vipAddress(udp)).isEqualTo(VIP);
        assertThat(numbers.vipProtocol(udp)).isEqualTo(Protocol.UDP.number());
        assertThat(numbers.vipSeed(udp)).isEqualTo(new VipKey(VIP, Protocol.UDP, 53).seed());
        assertThat(numbers.vipSeeds()[tcp]).isEqualTo(new VipKey(VIP, Protocol.TCP, 443).seed());
    }

    @Test
    void fullIsAnAnswerAndWhatIsKnownStaysKnown() {
        for (int index = 0; index < ReplicaNumbers.BACKENDS_MAX; index++) {
            assertThat(numbers.backend(0, index, false)).isEqualTo(index);
        }
        IntStream.range(0, ReplicaNumbers.NODES_MAX).forEach(index -> numbers.node("node" + index));
        IntStream.range(0, ReplicaNumbers.VIPS_MAX).forEach(index -> numbers.vip(0, index, false, 6));

        assertThat(numbers.backend(0, 1, true)).isEqualTo(ReplicaNumbers.NO_NUMBER);
        assertThat(numbers.backend(0, 4711, false)).isEqualTo(4711);
        assertThat(numbers.node("another")).isEqualTo(ReplicaNumbers.NO_NUMBER);
        assertThat(numbers.node("node77")).isEqualTo(77);
        assertThat(numbers.vip(0, 1, false, 17)).isEqualTo(ReplicaNumbers.NO_NUMBER);
        assertThat(numbers.vip(0, 65_534, false, 6)).isEqualTo(ReplicaNumbers.VIPS_MAX);
    }

    @Test
    void nodeIdHasOneToSixtyFourBytes() {
        assertThat(numbers.nodeId(numbers.node("x".repeat(64)))).hasSize(64);
        assertThatThrownBy(() -> numbers.node("x".repeat(65))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> numbers.node("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void threadsAgree() throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread[] threads = new Thread[4];
        for (int index = 0; index < threads.length; index++) {
            threads[index] = Thread.ofPlatform().start(() -> {
                try {
                    for (int low = 0; low < 20_000; low++) {
                        int number = numbers.backend(0, low, false);
                        assertThat(numbers.backendAddress(number).low()).isEqualTo(low);
                    }
                } catch (Throwable t) {
                    failure.set(t);
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failure.get()).isNull();
        assertThat(numbers.backendCount()).isEqualTo(20_000);
    }
}
