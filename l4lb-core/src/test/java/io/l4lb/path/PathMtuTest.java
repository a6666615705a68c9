package io.l4lb.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.Sums;
import io.l4lb.testing.TestConfig;
import io.l4lb.worker.PipelineRig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A lowered path MTU is every worker's and outlives a reload; which errors are heeded, and how many, and how many are told. */
class PathMtuTest {
    private static final int ACK = 0x10;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final int LIMIT = 100;
    private static final long SECOND_NS = 1_000_000_000;
    private static final int PATH_MTU = 1400;
    private static final int QUOTED_BYTES = 200;

    private static final List<String> CLIENTS = List.of("203.0.113.9", "2001:db8:2::9");
    private static final List<String> OTHER_CLIENTS = List.of("203.0.112.9", "2001:db8:3::9");
    private static final List<String> VIPS = List.of("198.51.100.1", "2001:db8:f::1");
    private static final List<String> BACKENDS = List.of("10.0.0.11", "2001:db8:1::12");
    private static final List<String> ROUTERS = List.of("10.9.0.", "2001:db8:9::");
    private static final List<String> OTHER_ROUTERS = List.of("10.9.1.1", "2001:db8:a::1");

    private final PipelineRig rig = new PipelineRig(site().build());
    private long nowNs = 1;

    @AfterEach
    void free() {
        rig.close();
    }

    /** The same family outside as inside. */
    private static TestConfig site() {
        return new TestConfig()
                .icmpPerSecond(LIMIT)
                .pool("four", TestConfig.backend("b4", "10.0.0.11", 100))
                .pool("six", TestConfig.backend("b6", "2001:db8:1::12", 100))
                .vip("web4", VIPS.get(0), Protocol.TCP, 443, "four", Encapsulation.IPIP)
                .vip("web6", VIPS.get(1), Protocol.TCP, 443, "six", Encapsulation.IPIP);
    }

    /** {@return as much as fits the link with its outer header} {@code family}: 0 or 1, the index in the lists above. */
    private static byte[] full(int family) {
        return full(family, CLIENTS.get(family));
    }

    private static byte[] full(int family, String client) {
        PacketBuilder packet = PacketBuilder.tcp(client, 1000, VIPS.get(family), 443, ACK);
        return family == 0
                ? packet.payload(TestConfig.MTU_BYTES - 60)
                        .fragment(DONT_FRAGMENT)
                        .build()
                : packet.payload(TestConfig.MTU_BYTES - 100).build();
    }

    /** {@return what a router says of a frame that was sent} */
    private static byte[] tooBig(int family, String router, byte[] sent) {
        return tooBig(family, router, (family == 0 ? TestConfig.OUTER_IPV4 : TestConfig.OUTER_IPV6).toString(), sent);
    }

    private static byte[] tooBig(int family, String router, String to, byte[] sent) {
        byte[] error = PacketBuilder.icmp(router, to, family == 0 ? 3 : 2, family == 0 ? 4 : 0)
                .payload(Arrays.copyOfRange(sent, 14, 14 + QUOTED_BYTES))
                .build();
        int mtuAt = 14 + (family == 0 ? 20 : 40) + 6;
        error[mtuAt - 2] = 0;
        error[mtuAt - 1] = 0;
        error[mtuAt] = (byte) (PATH_MTU >> 8);
        error[mtuAt + 1] = (byte) PATH_MTU;
        putChecksum(family, error);
        return error;
    }

    private static void putChecksum(int family, byte[] error) {
        int icmp = 14 + (family == 0 ? 20 : 40);
        error[icmp + 2] = 0;
        error[icmp + 3] = 0;
        int length = error.length - icmp;
        long pseudoHeader = family == 0 ? 0 : Sums.words(error, 14 + 8, 32) + length + 58;
        int sum = ~Sums.fold(Sums.words(error, icmp, length) + pseudoHeader);
        error[icmp + 2] = (byte) (sum >> 8);
        error[icmp + 3] = (byte) sum;
    }

    private static boolean isTooBigReply(int family, byte[] frame) {
        int icmp = 14 + (family == 0 ? 20 : 40);
        return frame[family == 0 ? 23 : 20] == (family == 0 ? 1 : 58) && frame[icmp] == (family == 0 ? 3 : 2);
    }

    private void lower(int family) {
        assertThat(rig.loweredPathMtu(BACKENDS.get(family), nowNs)).isEmpty();
        byte[] sent = rig.forward(full(family), nowNs);
        assertThat(sent).hasSize(14 + TestConfig.MTU_BYTES);
        assertThat(isTooBigReply(family, rig.forward(tooBig(family, OTHER_ROUTERS.get(family), sent), nowNs)))
                .isTrue();
        assertThat(rig.loweredPathMtu(BACKENDS.get(family), nowNs)).hasValue(PATH_MTU);
        assertThat(rig.loweredPathMtu(BACKENDS.get(1 - family), nowNs)).isEmpty();
        assertThat(rig.loweredPathMtu(BACKENDS.get(family), nowNs + 602 * SECOND_NS))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void whatOneWorkerLearnsAllHeed(int family) {
        try (PipelineRig other = new PipelineRig(rig)) {
            assertThat(other.forward(full(family), nowNs)).hasSize(14 + TestConfig.MTU_BYTES);
            lower(family);
            assertThat(isTooBigReply(family, other.forward(full(family), nowNs)))
                    .isTrue();
            assertThat(isTooBigReply(family, rig.forward(full(family), nowNs))).isTrue();
            nowNs += 602 * SECOND_NS;
            assertThat(other.forward(full(family), nowNs)).hasSize(14 + TestConfig.MTU_BYTES);
            assertThat(rig.forward(full(family), nowNs)).hasSize(14 + TestConfig.MTU_BYTES);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aReloadKeepsALoweredPathMtuAndTheTimeThatItIsForgotten(int family) {
        lower(family);
        nowNs += 300 * SECOND_NS;
        rig.reload(site().vip("more", "198.51.100.7", Protocol.UDP, 53, "four", Encapsulation.GUE)
                .build());
        assertThat(isTooBigReply(family, rig.forward(full(family), nowNs))).isTrue();
        nowNs += 290 * SECOND_NS;
        assertThat(isTooBigReply(family, rig.forward(full(family), nowNs))).isTrue();
        nowNs += 12 * SECOND_NS;
        assertThat(rig.forward(full(family), nowNs)).hasSize(14 + TestConfig.MTU_BYTES);
    }

    /** The burst that a limit allows is a tenth of a second's worth, 8 at least, in each of a prefix's two buckets. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void errorsAreHeededWithinTheLimitOfASourcePrefix(int family) {
        byte[] sent = rig.forward(full(family), nowNs);
        for (int i = 1; i <= 200; i++) {
            rig.receive(tooBig(family, ROUTERS.get(family) + i, sent));
        }
        rig.receive(tooBig(family, OTHER_ROUTERS.get(family), sent));
        rig.work(nowNs);
        long heeded = rig.counter(WorkerCounter.TUNNEL_ERRORS);
        long told = rig.counter(WorkerCounter.TUNNEL_ERRORS_TOLD);
        assertThat(heeded).isBetween(9L, LIMIT / 4L);
        assertThat(rig.drops(DropReason.ICMP_RATE)).isEqualTo(201 - heeded);
        assertThat(told).isBetween(9L, heeded);
        assertThat(rig.drops(DropReason.TUNNEL_ERROR)).isEqualTo(heeded - told);
        List<byte[]> replies = new ArrayList<>(rig.takeSent());
        assertThat(replies).hasSize((int) told).allMatch(frame -> isTooBigReply(family, frame));
        nowNs += SECOND_NS;
        assertThat(isTooBigReply(family, rig.forward(tooBig(family, ROUTERS.get(family) + 1, sent), nowNs)))
                .isTrue();
    }

    /** As many routers as there are errors: whoever forges them has a victim told no more than one router could. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aClientsPrefixIsToldWithinTheLimitWhoeverSendsTheErrors(int family) {
        byte[] sent = rig.forward(full(family), nowNs);
        byte[] others = rig.forward(full(family, OTHER_CLIENTS.get(family)), nowNs);
        for (int i = 0; i < 200; i++) {
            rig.receive(tooBig(family, (family == 0 ? "10.8.%d.1" : "2001:db8:8%02x::1").formatted(i), sent));
        }
        rig.receive(tooBig(family, OTHER_ROUTERS.get(family), others));
        rig.work(nowNs);
        long told = rig.counter(WorkerCounter.TUNNEL_ERRORS_TOLD);
        assertThat(rig.counter(WorkerCounter.TUNNEL_ERRORS)).isEqualTo(201);
        assertThat(told).isBetween(9L, LIMIT / 4L);
        assertThat(rig.drops(DropReason.TUNNEL_ERROR)).isEqualTo(201 - told);
        List<byte[]> replies = rig.takeSent();
        assertThat(replies).hasSize((int) told);
        int to = family == 0 ? 14 + 16 : 14 + 24;
        byte[] client = IpAddress.parse(OTHER_CLIENTS.get(family)).orElseThrow().bytes();
        assertThat(Arrays.copyOfRange(replies.getLast(), to, to + client.length))
                .isEqualTo(client);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void whatCannotBeTrueLowersNothingAndIsNotCountedAsHeeded(int family) {
        byte[] sent = rig.forward(full(family), nowNs);
        byte[] damaged = tooBig(family, OTHER_ROUTERS.get(family), sent);
        damaged[damaged.length - 1] ^= 1;
        rig.receive(damaged);
        rig.receive(tooBig(family, OTHER_ROUTERS.get(family), CLIENTS.get(family), sent));
        byte[] toMany = tooBig(family, OTHER_ROUTERS.get(family), sent);
        toMany[0] |= 1;
        rig.receive(toMany);
        rig.work(nowNs);
        assertThat(rig.takeSent()).isEmpty();
        assertThat(rig.loweredPathMtu(BACKENDS.get(family), nowNs)).isEmpty();
        assertThat(rig.drops(DropReason.TUNNEL_ERROR_INVALID)).isEqualTo(3);
        assertThat(rig.counter(WorkerCounter.TUNNEL_ERRORS)).isZero();
    }
}
