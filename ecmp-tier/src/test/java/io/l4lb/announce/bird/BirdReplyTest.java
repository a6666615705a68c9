package io.l4lb.announce.bird;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.announce.bird.BirdReply.Protocol;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Replies of BIRD 2.0.12. */
class BirdReplyTest {
    private static final String PROTOCOLS = """
            BIRD 2.0.12 ready.
            Name       Proto      Table      State  Since         Info
            device1    Device     ---        up     09:17:19.477
            l4lb_lb1_kernel4 Kernel     l4lb_lb1_v4 up     09:17:19.477
            l4lb_lb1_1 BGP        ---        up     2026-11-21    Established
            l4lb_lb1_2 BGP        ---        start  09:17:20.293  Active        Socket: Connection refused
            """;

    @Test
    void protocolsAreReadWithWhatIsSaidOfThem() {
        assertThat(BirdReply.protocols(PROTOCOLS))
                .containsExactly(
                        new Protocol("device1", "Device", "up", "09:17:19.477", ""),
                        new Protocol("l4lb_lb1_kernel4", "Kernel", "up", "09:17:19.477", ""),
                        new Protocol("l4lb_lb1_1", "BGP", "up", "2026-11-21", "Established"),
                        new Protocol(
                                "l4lb_lb1_2",
                                "BGP",
                                "start",
                                "09:17:20.293",
                                "Active        Socket: Connection refused"));
    }

    @Test
    void bfdSessionsAreReadByNeighbour() {
        String reply = """
                BIRD 2.0.12 ready.
                l4lb_lb1_bfd:
                IP address                Interface  State      Since         Interval  Timeout
                10.0.0.2                  v0         Up         09:17:19.714    0.050    0.150
                fd00::2                   v0         Down       09:17:19.714    0.300    0.000
                """;
        assertThat(BirdReply.bfdStates(reply)).isEqualTo(Map.of("10.0.0.2", "Up", "fd00::2", "Down"));
    }

    @Test
    void versionsAreReadFromTheDaemonAndTheProgram() {
        assertThat(BirdReply.version("BIRD 2.0.12 ready.\nBIRD 2.0.12\nRouter ID is 10.0.0.1"))
                .isEqualTo("2.0.12");
        assertThat(BirdReply.version("BIRD version 1.6.8")).isEqualTo("1.6.8");
        assertThat(BirdReply.version("Unable to connect")).isEmpty();
        assertThat(BirdReply.major("1.6.8")).isEqualTo(1);
        assertThat(BirdReply.major("3.0")).isEqualTo(3);
    }

    @Test
    void garbageIsNothing() {
        assertThat(BirdReply.protocols("\0\u0001 up up up\n\n")).isEmpty();
        assertThat(BirdReply.bfdStates("garbage")).isEmpty();
        assertThat(BirdReply.major("")).isZero();
    }
}
