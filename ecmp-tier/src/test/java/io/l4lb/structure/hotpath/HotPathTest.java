package io.l4lb.structure.hotpath;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.structure.Repository;
import io.l4lb.structure.hotpath.HotPathWalk.Finding;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * STYLE 17, 19 and 20 on the byte code: everything that {@code Worker.doWork} can reach, the product's RX and TX queues
 * included. What is allowed is listed in {@link HotPathRules}.
 */
class HotPathTest {
    private static final String WORKER = "io/l4lb/worker/Worker";
    private static final String SINS = HotPathSins.class.getName().replace('.', '/');

    private static HotPathWalk hotPath() {
        ByteCode code = ByteCode.of(Repository.allClasses());
        // replay's queues are a tool's: one call a packet of the capture's time stamps, not a node's
        return HotPathWalk.from(code, WORKER, "doWork", owner -> !owner.startsWith("io/l4lb/replay/"));
    }

    @Test
    void hotPathBreaksNoRule() {
        List<Finding> findings = hotPath().findings();

        assertThat(findings)
                .withFailMessage(() -> findings.size() + " breaches of the hot path's rules:\n"
                        + findings.stream().map(Finding::toString).collect(Collectors.joining("\n")))
                .isEmpty();
    }

    @Test
    void walkReachesEveryStageAndTheDevice() {
        assertThat(hotPath().methods())
                .contains(
                        "io.l4lb.receive.Receive.run",
                        "io.l4lb.parse.Parse.run",
                        "io.l4lb.classify.Classify.run",
                        "io.l4lb.pin.Pin.run",
                        "io.l4lb.pin.Ipv6FlowTable.hashOf",
                        "io.l4lb.encapsulate.Encapsulate.run",
                        "io.l4lb.outer.OuterFragments.run",
                        "io.l4lb.transmit.Transmit.run",
                        "io.l4lb.dpdk.MbufPool.release",
                        "io.l4lb.dpdk.MbufPool.take",
                        "io.l4lb.dpdk.ethdev.EthRxQueue.receive",
                        "io.l4lb.dpdk.ethdev.EthTxQueue.transmit")
                .hasSizeGreaterThan(100);
    }

    @ParameterizedTest
    @CsvSource({
        "newObject, ALLOCATION",
        "newArray, ALLOCATION",
        "newArrayOfArrays, ALLOCATION",
        "arrayClone, ALLOCATION",
        "varargs, ALLOCATION",
        "overridden, ALLOCATION",
        "lambda, DYNAMIC_CALL",
        "concatenation, DYNAMIC_CALL",
        "lock, LOCK",
        "synchronizedMethod, LOCK",
        "exception, EXCEPTION",
        "boxing, BOXING",
        "unboxing, BOXING",
        "stringConstant, STRING",
        "stringCall, STRING",
        "iterator, COLLECTION",
        "logging, LOGGING",
        "clock, CLOCK",
        "reflection, REFLECTION",
        "outsideCall, OUTSIDE_CALL",
        "exactArithmetic, OUTSIDE_CALL",
        "looseHandle, LOOSE_HANDLE",
        "ownInterface, INTERFACE_CALL",
        "interfaceCallPerPacket, PER_PACKET_CALL",
        "interfaceCallPerPacketDeepDown, PER_PACKET_CALL",
        "tooLarge, TOO_LARGE",
    })
    void everySinIsFound(String method, HotPathSin sin) {
        assertThat(walkSample(method)).extracting(Finding::sin).contains(sin);
    }

    @ParameterizedTest
    @ValueSource(strings = {"innocent", "innocentDeepDown", "largePerBurst"})
    void theInnocentAreNotAccused(String method) {
        assertThat(walkSample(method)).isEmpty();
    }

    @Test
    void aFindingNamesPlaceAndPath() {
        assertThat(walkSample("interfaceCallPerPacketDeepDown").getFirst().toString())
                .startsWith("per packet call")
                .containsPattern("HotPathSins\\.giveBack:\\d+: io\\.l4lb\\.dpdk\\.MbufRelease\\.release")
                .endsWith("reached by HotPathSins.interfaceCallPerPacketDeepDown -> HotPathSins.giveBack");
    }

    private static List<Finding> walkSample(String method) {
        Path samples = Repository.ROOT.resolve("ecmp-tier/target/test-classes");
        ByteCode code = ByteCode.of(List.of(Repository.classes("native"), samples));
        return HotPathWalk.from(code, SINS, method, owner -> owner.startsWith(SINS))
                .findings();
    }
}
