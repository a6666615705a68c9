package io.l4lb.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.access.FlowTerms;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.Seed;
import io.l4lb.testing.SentFrame;
import io.l4lb.testing.TestConfig;
import io.l4lb.worker.PipelineRig;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What explain says of a flow, and what a worker then does with its first packet. */
class ExplainerPropertyTest {
    private static final int FLOWS = 20_000;

    private final long seed = Seed.of(ExplainerPropertyTest.class);
    private final SplittableRandom random = new SplittableRandom(seed);
    private final L4lbConfig config = TestConfig.ofEveryKind()
            .terms(new FlowTerms(
                    Optional.of(TestConfig.accessList(
                            "deny",
                            "allow 0.0.0.0/1",
                            "deny 64.0.0.0/3",
                            "allow ::/1",
                            "deny 2001:db8::/34",
                            "allow 2001:db8:2000::/36")),
                    0,
                    0,
                    FlowTerms.Mode.STATEFUL))
            .flows(FLOWS)
            .build();
    private final Explainer explainer = new Explainer(config);

    @Test
    void explainAgreesWithTheWorkerForRandomFlows() {
        int forwarded = 0;
        long denied = 0;
        try (PipelineRig rig = new PipelineRig(config)) {
            for (int i = 0; i < FLOWS; i++) {
                FlowSpec flow = randomFlow();
                long noBackend = rig.drops(DropReason.NO_BACKEND);
                long punted = rig.counter(WorkerCounter.PUNTED_PACKETS);
                rig.receive(packet(flow));
                rig.work(i);
                List<byte[]> sent = rig.takeSent();
                switch (explainer.explain(flow)) {
                    case Explanation.Forwarded to -> {
                        assertThat(sent).as("seed %d: %s", seed, flow).hasSize(1);
                        assertThat(reached(sent.getFirst())).isEqualTo(expected(to));
                        forwarded++;
                    }
                    case Explanation.Denied _ -> {
                        assertThat(rig.drops(DropReason.ACCESS_DENIED)).isEqualTo(++denied);
                        assertThat(sent).isEmpty();
                    }
                    case Explanation.NoBackend _ ->
                        assertThat(rig.drops(DropReason.NO_BACKEND)).isEqualTo(noBackend + 1);
                    case Explanation.Punted _ ->
                        assertThat(rig.counter(WorkerCounter.PUNTED_PACKETS)).isEqualTo(punted + 1);
                    case Explanation.ByConnectionId _, Explanation.NotByConnectionId _ ->
                        throw new AssertionError("nobody asked for a connection ID");
                }
            }
        }
        assertThat(forwarded).isGreaterThan(FLOWS / 10);
        assertThat(denied).isGreaterThan(FLOWS / 10);
    }

    private FlowSpec randomFlow() {
        boolean ipv6 = random.nextBoolean();
        String destination = (ipv6 ? "2001:db8:f::" : "198.51.100.") + (1 + random.nextInt(4));
        IpAddress source = ipv6
                ? IpAddress.ipv6(0x2001_0db8_0000_0000L | random.nextInt(), random.nextLong())
                : IpAddress.ipv4(random.nextInt());
        int[] l4Ports = {443, 53, 81, 1 + random.nextInt(65_535)};
        return new FlowSpec(
                random.nextBoolean() ? Protocol.TCP : Protocol.UDP,
                source,
                random.nextInt(65_536),
                IpAddress.parse(destination).orElseThrow(),
                l4Ports[random.nextInt(l4Ports.length)]);
    }

    private static byte[] packet(FlowSpec flow) {
        String source = flow.source().toString();
        String destination = flow.destination().toString();
        return (flow.protocol() == Protocol.TCP
                        ? PacketBuilder.tcp(
                                source, flow.sourceL4Port(), destination, flow.destinationL4Port(), PacketBuilder.SYN)
                        : PacketBuilder.udp(source, flow.sourceL4Port(), destination, flow.destinationL4Port()))
                .build();
    }

    /** {@return encapsulation and backend's address; l2: its MAC} */
    private static String reached(byte[] frame) {
        if (frame[4] == 1) { // the backends of the segment have 02:00:00:00:01:xx
            return "l2 " + HexFormat.ofDelimiter(":").formatHex(frame, 0, 6);
        }
        SentFrame sent = SentFrame.read(frame, frame.length, Arrays.copyOfRange(frame, 6, 12));
        return sent.kind() + " " + sent.backend();
    }

    private static String expected(Explanation.Forwarded to) {
        return to.vip().encapsulation().label() + " "
                + to.backend()
                        .mac()
                        .map(Object::toString)
                        .orElse(to.backend().address().toString());
    }
}
