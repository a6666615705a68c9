package io.l4lb.node.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no request is told so; nothing is read without bound. */
class AdminRequestTest {
    private static Optional<AdminRequest> read(String text) throws IOException {
        return AdminRequest.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void aRequestIsRead() throws IOException {
        assertThat(read("POST /v1/weight HTTP/1.1\r\nHost: x\r\ncontent-length:  13\r\n\r\n{\"weight\": 5}and more"))
                .contains(new AdminRequest("POST", "/v1/weight", Map.of("weight", 5)));
        assertThat(read("GET /v1/status HTTP/1.1\r\n\r\n")).contains(new AdminRequest("GET", "/v1/status", Map.of()));
        assertThat(read("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET\r\n\r\n",
                "GET / SPDY/1\r\n\r\n",
                "\r\n\r\n",
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                "POST / HTTP/1.1\r\nContent-Length: 65537\r\n\r\n",
                "POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
                "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n[]",
                "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{\"a\":"
            })
    void whatIsNoRequestIsRefused(String text) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOfSatisfying(
                        AdminException.class, e -> assertThat(e.status()).isEqualTo(AdminException.WRONG_USE));
    }

    @Test
    void anEndlessHeadIsRefused() {
        assertThatThrownBy(() -> read("GET / HTTP/1.1\r\nx: " + "y".repeat(10_000_000)))
                .isInstanceOf(AdminException.class)
                .hasMessageContaining("longer than 8192");
    }

    @Test
    void garbageIsRefusedOrEnds() {
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextInt(300)];
            random.nextBytes(bytes);
            String text = new String(bytes, StandardCharsets.ISO_8859_1) + (i % 2 == 0 ? "\r\n\r\n" : "");
            try {
                read(text);
            } catch (AdminException | IOException e) {
                assertThat(e).hasMessageNotContaining("Exception");
            }
        }
    }
}
