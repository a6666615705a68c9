package io.l4lb.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.cid.CidScheme;
import io.l4lb.config.VipConfig;
import io.l4lb.config.quic.QuicConfig;
import io.l4lb.net.Affinity;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import io.l4lb.testing.Seed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of VIPs against a map, with addresses and ports that are close to each other, as people choose them. */
class VipTablePropertyTest {
    private record Key(IpAddress address, Protocol protocol, int l4Port) {}

    private static final QuicConfig QUIC = new QuicConfig(List.of(new CidScheme(0, 4, 4, false, Optional.empty())));
    /** 48 bits, the highest set. */
    private static final long SEED = 0xf123_4567_89abL;

    private final long seed = Seed.of(VipTablePropertyTest.class);
    private final SplittableRandom random = new SplittableRandom(seed);

    @ParameterizedTest
    @CsvSource({"1, 40", "3, 40", "20, 40", "1000, 5", "20000, 2", "65535, 1"})
    void everyLookUpAnswersAsAMapWould(int count, int runs) {
        for (int run = 0; run < runs; run++) {
            Map<Key, Integer> expected = new HashMap<>();
            Set<IpAddress> addresses = new HashSet<>();
            VipTable table = build(count, expected, addresses);
            List<Key> keys = new ArrayList<>(expected.keySet());
            for (int i = 0; i < 50_000; i++) {
                Key key = i < keys.size() ? keys.get(i) : randomKey();
                assertThat(vipOf(table, key)).as("seed %d: %s", seed, key).isEqualTo(answer(expected, key));
                if (expected.containsKey(key)) {
                    assertThat(VipTable.seed(valueOf(table, key))).isEqualTo(SEED ^ expected.get(key));
                    assertThat(table.isQuic(expected.get(key))).isEqualTo(isQuic(key));
                }
                assertThat(isVipAddress(table, key.address)).isEqualTo(addresses.contains(key.address));
            }
            table.close();
        }
    }

    @Test
    void anIpv6AddressOfTheSameBytesIsNotAnIpv4Vip() {
        VipTable table = new VipTableBuilder()
                .add(vip(new Key(address("198.51.100.1"), Protocol.TCP, 443)), 1, SEED)
                .add(vip(new Key(address("198.51.100.2"), Protocol.TCP, 0)), 2, SEED)
                .build();
        for (String text : List.of("::c633:6401:0:0", "::c633:6402:0:0", "::c633:6401", "::c633:6402")) {
            IpAddress address = address(text);
            assertThat(vipOf(table, new Key(address, Protocol.TCP, 443))).isZero();
            assertThat(isVipAddress(table, address)).isFalse();
        }
    }

    @Test
    void aVipOfThatVeryL4PortComesBeforeOneOfAny() {
        IpAddress address = address("198.51.100.1");
        VipTable table = new VipTableBuilder()
                .add(vip(new Key(address, Protocol.TCP, 0)), 1, SEED)
                .add(vip(new Key(address, Protocol.TCP, 443)), 65_535, SEED)
                .build();
        assertThat(vipOf(table, new Key(address, Protocol.TCP, 443))).isEqualTo(65_535);
        assertThat(vipOf(table, new Key(address, Protocol.TCP, 444))).isEqualTo(1);
        assertThat(vipOf(table, new Key(address, Protocol.TCP, 0))).isEqualTo(1);
        assertThat(vipOf(table, new Key(address, Protocol.UDP, 443))).isZero();
    }

    @Test
    void anEmptyTableKnowsNothing() {
        VipTable table = new VipTableBuilder().build();
        assertThat(vipOf(table, randomKey())).isZero();
        assertThat(isVipAddress(table, address("0.0.0.0"))).isFalse();
        assertThat(isVipAddress(table, address("::"))).isFalse();
    }

    private VipTable build(int count, Map<Key, Integer> expected, Set<IpAddress> addresses) {
        VipTableBuilder builder = new VipTableBuilder();
        while (expected.size() < count) {
            Key key = randomKey();
            if (expected.putIfAbsent(key, expected.size() + 1) == null) {
                builder.add(vip(key), expected.size(), SEED ^ expected.size());
                addresses.add(key.address);
            }
        }
        return builder.build();
    }

    private static int answer(Map<Key, Integer> expected, Key key) {
        return expected.getOrDefault(key, expected.getOrDefault(new Key(key.address, key.protocol, 0), 0));
    }

    private Key randomKey() {
        int near = random.nextInt(1 << random.nextInt(12));
        IpAddress address = switch (random.nextInt(4)) {
            case 0 -> IpAddress.ipv6(0x2001_0db8_0000_0000L + random.nextInt(2), near);
            case 1 -> IpAddress.ipv6(0, ((0xc633_6400L + near) << 32)); // the bytes of an IPv4 address below
            default -> IpAddress.ipv4(0xc633_6400 + near);
        };
        int l4Port = random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(100);
        return new Key(address, random.nextBoolean() ? Protocol.TCP : Protocol.UDP, l4Port);
    }

    private static int vipOf(VipTable table, Key key) {
        return VipTable.number(valueOf(table, key));
    }

    private static long valueOf(VipTable table, Key key) {
        int l4PortBe = Short.toUnsignedInt(Short.reverseBytes((short) key.l4Port));
        long low = VipTableBuilder.memoryOrderLow(key.address);
        int protocol = key.protocol.number();
        return key.address.ipv6()
                ? table.ipv6VipOf(VipTableBuilder.memoryOrderHigh(key.address), low, protocol, l4PortBe)
                : table.ipv4VipOf(low, protocol, l4PortBe);
    }

    private static boolean isVipAddress(VipTable table, IpAddress address) {
        long low = VipTableBuilder.memoryOrderLow(address);
        return address.ipv6()
                ? table.isIpv6VipAddress(VipTableBuilder.memoryOrderHigh(address), low)
                : table.isIpv4VipAddress(low);
    }

    private static IpAddress address(String text) {
        return IpAddress.parse(text).orElseThrow();
    }

    private static VipConfig vip(Key key) {
        VipConfig plain = new VipConfig(
                "vip",
                key.address,
                key.protocol,
                key.l4Port,
                "web",
                Encapsulation.IPIP,
                6080,
                Affinity.FLOW,
                VipConfig.WhenAllDown.FORWARD);
        return isQuic(key) ? plain.withQuic(QUIC) : plain;
    }

    /** A third of the UDP ones, any-port ones among them, has its key elsewhere in the table. */
    private static boolean isQuic(Key key) {
        return key.protocol == Protocol.UDP && key.l4Port % 3 == 0;
    }
}
