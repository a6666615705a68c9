package io.l4lb.prefix;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.net.IpAddress;
import io.l4lb.net.IpPrefix;
import io.l4lb.testing.Seed;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the longest match as one would look it up by hand: every length of the address in a map. */
class AccessTablePropertyTest {
    private static final long SEED = Seed.of(AccessTablePropertyTest.class);
    private static final int LOOK_UPS = 20_000;

    /** {@code bitsFree}: so few of the address's highest bits vary that prefixes lie in each other. */
    @ParameterizedTest
    @CsvSource({
        "false, 0, 0, false", "false, 1, 0, true", "false, 30, 6, true", "false, 1000, 12, false",
                "false, 100000, 32, true",
        "true, 0, 0, true", "true, 1, 0, false", "true, 30, 6, false", "true, 1000, 20, true", "true, 100000, 48, false"
    })
    void theTableAgreesWithTheLongestMatch(boolean ipv6, int prefixes, int bitsFree, boolean byDefault) {
        SplittableRandom random = new SplittableRandom(SEED + prefixes);
        int bits = ipv6 ? 128 : 32;
        for (int run = 0; run < (prefixes > 10_000 ? 1 : 50); run++) {
            Map<IpPrefix, Boolean> rules = new HashMap<>();
            AccessTableBuilder builder = new AccessTableBuilder(byDefault);
            for (int i = 0; i < prefixes; i++) {
                int length = i == 0 ? 0 : i % 5 == 0 ? bits : random.nextInt(bits + 1);
                IpAddress first = new IpPrefix(address(random, ipv6, bitsFree), length).first();
                boolean allow = random.nextBoolean();
                rules.put(new IpPrefix(first, length), allow);
                builder.add(first, length, allow);
            }
            AccessTable table = builder.build();
            assertThat(table.boundaryCount()).isLessThanOrEqualTo(2 * rules.size() + 2);
            for (int i = 0; i < LOOK_UPS / (prefixes > 10_000 ? 1 : 50); i++) {
                IpAddress address = nearABoundary(random, rules, address(random, ipv6, bitsFree));
                assertThat(allows(table, address))
                        .as("%s, run %d, seed %d", address, run, SEED)
                        .isEqualTo(longestMatch(rules, address, byDefault));
            }
            for (IpAddress end : new IpAddress[] {end(ipv6, 0), end(ipv6, -1)}) {
                assertThat(allows(table, end)).isEqualTo(longestMatch(rules, end, byDefault));
            }
        }
    }

    private static IpAddress end(boolean ipv6, long all) {
        return ipv6 ? IpAddress.ipv6(all, all) : IpAddress.ipv4((int) all);
    }

    private static IpAddress address(SplittableRandom random, boolean ipv6, int bitsFree) {
        long bits = random.nextLong() & ~(bitsFree >= Long.SIZE ? 0 : -1L >>> bitsFree);
        boolean isWide = random.nextInt(4) == 0;
        return ipv6
                ? IpAddress.ipv6(
                        bits | (isWide ? random.nextLong() : 0), isWide ? random.nextLong() : random.nextInt(4))
                : IpAddress.ipv4((int) (bits >>> Integer.SIZE) | (isWide ? random.nextInt() : random.nextInt(4)));
    }

    /** One that begins as a prefix does, or the one before, or behind its end. */
    private static IpAddress nearABoundary(SplittableRandom random, Map<IpPrefix, Boolean> rules, IpAddress otherwise) {
        if (rules.size() > 1000 || rules.isEmpty() || random.nextBoolean()) {
            return otherwise;
        }
        IpPrefix of = rules.keySet().stream()
                .skip(random.nextInt(rules.size()))
                .findFirst()
                .orElseThrow();
        IpAddress first = of.address();
        return switch (random.nextInt(3)) {
            case 0 -> first;
            case 1 -> plus(first, -1);
            default -> first.ipv6() ? behind6(of) : IpAddress.ipv4((int) (first.low() + (1L << (32 - of.length()))));
        };
    }

    private static IpAddress behind6(IpPrefix prefix) {
        int length = prefix.length();
        IpAddress first = prefix.address();
        return length <= Long.SIZE
                ? IpAddress.ipv6(first.high() + (length == 0 ? 0 : 1L << (Long.SIZE - length)), first.low())
                : plus(first, 1L << (2 * Long.SIZE - length));
    }

    private static IpAddress plus(IpAddress address, long more) {
        if (!address.ipv6()) {
            return IpAddress.ipv4((int) (address.low() + more));
        }
        long low = address.low() + more;
        int carry = more < 0 ? (address.low() == 0 ? -1 : 0) : Long.compareUnsigned(low, more) < 0 ? 1 : 0;
        return IpAddress.ipv6(address.high() + carry, low);
    }

    private static boolean longestMatch(Map<IpPrefix, Boolean> rules, IpAddress address, boolean byDefault) {
        for (int length = address.lengthBytes() * Byte.SIZE; length >= 0; length--) {
            Boolean allow = rules.get(new IpPrefix(new IpPrefix(address, length).first(), length));
            if (allow != null) {
                return allow;
            }
        }
        return byDefault;
    }

    private static boolean allows(AccessTable table, IpAddress address) {
        return address.ipv6()
                ? table.allowsIpv6(Long.reverseBytes(address.high()), Long.reverseBytes(address.low()))
                : table.allowsIpv4(Integer.reverseBytes((int) address.low()));
    }
}
