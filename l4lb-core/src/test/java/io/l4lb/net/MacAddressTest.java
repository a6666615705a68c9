package io.l4lb.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MacAddressTest {
    @Test
    void theFirstPairIsTheFirstByteOnTheWire() {
        MacAddress mac = MacAddress.parse("02:A0:00:00:00:ff").orElseThrow();

        assertThat(mac.value()).isEqualTo(0x02a0_0000_00ffL);
        assertThat(mac.bytes()).containsExactly(0x02, 0xa0, 0, 0, 0, 0xff);
        assertThat(mac).hasToString("02:a0:00:00:00:ff");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "02:00:00:00:00",
                "02:00:00:00:00:01:02",
                "2:0:0:0:0:1",
                "02-00-00-00-00-01",
                "020000000001",
                "02:00:00:00:00:0g",
                "02:00:00:00:00:01\n",
                " 02:00:00:00:00:01",
                "02:00:00:00:00:٠1"
            })
    void textThatIsNoMacIsRefused(String text) {
        assertThat(MacAddress.parse(text)).isEmpty();
    }

    @Test
    void groupsBroadcastAndZeroAreNotUnicast() {
        assertThat(new MacAddress(0x0100_5e00_0001L).isUnicast()).isFalse();
        assertThat(new MacAddress(0xffff_ffff_ffffL).isUnicast()).isFalse();
        assertThat(new MacAddress(0).isUnicast()).isFalse();
        assertThat(new MacAddress(0x0200_0000_0001L).isUnicast()).isTrue();
    }

    @Test
    void moreThan48BitsCannotBeMade() {
        assertThatIllegalArgumentException().isThrownBy(() -> new MacAddress(1L << 48));
        assertThatIllegalArgumentException().isThrownBy(() -> new MacAddress(-1));
    }
}
