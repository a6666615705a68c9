package io.l4lb.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "localhost",
                "10.0.0",
                "10.0.0.0.1",
                "10.0.0.256",
                "10.0.0.01",
                "010.0.0.1",
                "0x0a.0.0.1",
                "167772161",
                "10.0.0.-1",
                "10.0.0.+1",
                "10.0.0.1 ",
                "10..0.1",
                ".10.0.1",
                "10.0.0.",
                "10.0.0.1/32",
                "10.0.0.1:80",
                "1٠.0.0.1",
                ":",
                ":::",
                "::1::",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7:8::",
                "::1:2:3:4:5:6:7:8",
                "1:2:3:4::5:6:7:8",
                ":1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:",
                ":2::1",
                "12345::",
                "g::",
                "::１",
                "-1::",
                "fe80::1%eth0",
                "[::1]",
                "2001:db8::1/64",
                "::ffff:10.0.0.1",
                "::ffff:a00:1",
                "0:0:0:0:0:ffff:10.0.0.1",
                "::10.0.0.256",
                "10.0.0.1::",
                "::10.0.0.1:1",
                "1:2:3:4:5:6:7:10.0.0.1",
                "1:10.0.0.1::",
            })
    void textThatIsNoAddressIsRefused(String text) {
        assertThat(IpAddress.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 0.0.0.0",
        "198.51.100.1, 198.51.100.1",
        "255.255.255.255, 255.255.255.255",
        "::, ::",
        "::1, ::1",
        "1::, 1::",
        "0:0:0:0:0:0:0:0, ::",
        "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:db8::1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:0db8:0000:0000:0000:0000:0000:0012, 2001:db8::12",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
        "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304",
        "0:0:3:4:5:6:7:8, ::3:4:5:6:7:8",
        "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "::1:ffff:102:304, ::1:ffff:102:304",
    })
    void addressesAreWrittenInTheirCanonicalForm(String text, String canonical) {
        assertThat(IpAddress.parse(text).orElseThrow()).hasToString(canonical);
    }

    @Test
    void bytesAreInNetworkOrder() {
        assertThat(IpAddress.parse("198.51.100.1").orElseThrow().bytes()).containsExactly(198, 51, 100, 1);
        assertThat(IpAddress.parse("2001:db8::ff12").orElseThrow().bytes())
                .containsExactly(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0x12);
        assertThat(IpAddress.parse("2001:db8:1:2:3:4:5:6").orElseThrow())
                .isEqualTo(IpAddress.ipv6(0x2001_0db8_0001_0002L, 0x0003_0004_0005_0006L));
    }

    @Test
    void randomAddressesComeBackFromTheirTextAndHaveTheBytesOfTheJdk() throws UnknownHostException {
        long seed = Long.getLong("l4lb.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 20_000; round++) {
            // Masks make runs of zero groups likely.
            IpAddress address = random.nextInt(4) == 0
                    ? IpAddress.ipv4(random.nextInt())
                    : IpAddress.ipv6(withZeroGroups(random) | 1L << 62, withZeroGroups(random));

            assertThat(IpAddress.parse(address.toString())).as("seed %d", seed).contains(address);
            assertThat(InetAddress.getByName(address.toString()).getAddress())
                    .as("seed %d: %s", seed, address)
                    .isEqualTo(address.bytes());
        }
    }

    private static long withZeroGroups(SplittableRandom random) {
        long bits = random.nextLong();
        for (int group = 0; group < 4; group++) {
            bits &= random.nextBoolean() ? -1L : ~(0xffffL << (16 * group));
        }
        return bits;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "127.0.0.1",
                "224.0.0.1",
                "239.255.255.255",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "ff02::1"
            })
    void addressesThatAreNoMachinesAreNotUnicast(String text) {
        assertThat(IpAddress.parse(text).orElseThrow().isUnicast()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1.0.0.1", "10.0.0.11", "126.1.1.1", "128.0.0.1", "223.255.255.255", "2001:db8::1", "fd00::1"})
    void addressesOfMachinesAreUnicast(String text) {
        assertThat(IpAddress.parse(text).orElseThrow().isUnicast()).isTrue();
    }

    @Test
    void anIpv4AddressOfMoreThan32BitsCannotBeMade() {
        assertThatIllegalArgumentException().isThrownBy(() -> new IpAddress(false, 0, 1L << 32));
        assertThatIllegalArgumentException().isThrownBy(() -> new IpAddress(false, 1, 0));
        assertThat(IpAddress.ipv4(-1)).hasToString("255.255.255.255");
    }

    @Test
    void addressesOrderByFamilyThenByNumber() {
        IpAddress low = IpAddress.ipv4(1);
        IpAddress high = IpAddress.ipv4(-1);
        IpAddress ipv6 = IpAddress.ipv6(0, 0);
        IpAddress ipv6High = IpAddress.ipv6(-1, 0);

        assertThat(java.util.stream.Stream.of(ipv6High, high, ipv6, low).sorted())
                .containsExactly(low, high, ipv6, ipv6High);
    }
}
