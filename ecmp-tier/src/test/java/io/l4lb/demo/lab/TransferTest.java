package io.l4lb.demo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TransferTest {
    private static final LabVip VIP = new LabVip("gue-6in4", "2001:db8:f::3", "gue");

    @Test
    void linesOfCurlBecomeTransfers() {
        List<Transfer> transfers = Transfer.parseAll(List.of(
                "transfer\thttp://[2001:db8:f::3]/\t0\t200\t0.002041\t9\t40118\tbackend2\t",
                "some other line",
                "transfer\thttp://203.0.113.1/large\t56\t200\t2.5\t1024\t40119\tbackend1\tRecv failure: reset"));
        assertThat(transfers)
                .containsExactly(
                        new Transfer("http://[2001:db8:f::3]/", 0, 200, 0.002041, 9, 40118, "backend2", ""),
                        new Transfer(
                                "http://203.0.113.1/large",
                                56,
                                200,
                                2.5,
                                1024,
                                40119,
                                "backend1",
                                "Recv failure: reset"));
        assertThat(transfers.getFirst().ok()).isTrue();
        assertThat(transfers.getFirst().of(VIP)).isTrue();
        assertThat(transfers.getLast().ok()).isFalse();
        assertThat(transfers.getLast().of(VIP)).isFalse();
    }
}
