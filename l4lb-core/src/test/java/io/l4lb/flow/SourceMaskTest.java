package io.l4lb.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.forwarding.VipTableBuilder;
import io.l4lb.net.Affinity;
import io.l4lb.net.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceMaskTest {
    private static final long SEED = 77;

    private static long hash(String client, String affinity) {
        IpAddress address = IpAddress.parse(client).orElseThrow();
        return SourceMask.of(Affinity.parse(affinity).orElseThrow(), address.ipv6())
                .hash(VipTableBuilder.memoryOrderHigh(address), VipTableBuilder.memoryOrderLow(address), SEED);
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.7, 203.0.113.250, source/24, true",
        "203.0.113.7, 203.0.112.7, source/24, false",
        "203.0.113.7, 203.0.112.7, source/23, true",
        "203.0.113.7, 202.1.2.3, source/7, true",
        "203.0.113.7, 75.0.113.7, source/1, false",
        "203.0.113.7, 203.0.113.6, source/32, false",
        "203.0.113.7, 203.0.113.6, source/31, true",
        "203.0.113.7, 203.0.113.6, source, false",
        "2001:db8::1, 2001:db8::ffff:1, source/64, true",
        "2001:db8::1, 2001:db8:0:1::1, source/64, false",
        "2001:db8::1, 2001:db8:0:1::1, source/48, true",
        "2001:db8::1, 2001:db8::8000:0:0:1, source/65, false",
        "2001:db8::1, 2001:db8::4000:0:0:1, source/65, true",
        "2001:db8::1, 2001:db8::2, source, false",
        "2001:db8::2, 2001:db8::3, source/127, true"
    })
    void clientsOfOnePrefixAreOne(String one, String other, String affinity, boolean together) {
        assertThat(hash(one, affinity) == hash(other, affinity)).isEqualTo(together);
    }

    @Test
    void wholeAddressIsWhatItWasWithoutPrefixLength() {
        assertThat(hash("203.0.113.7", "source")).isEqualTo(hash("203.0.113.7", "source/32"));
        assertThat(hash("2001:db8::7", "source")).isEqualTo(hash("2001:db8::7", "source/128"));
    }

    @ParameterizedTest
    @CsvSource({"source/0", "source/129", "source/", "source/-1", "source/024", "sources", "Flow"})
    void otherWordsAreRefused(String word) {
        assertThat(Affinity.parse(word)).isEmpty();
    }
}
