package io.l4lb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.flow.FlowEventSink;
import io.l4lb.flow.FlowHash;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.net.IpAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Room, agreement, and readers beside the writer. */
class ReplicaTableTest {
    private static final FlowTimeouts TIMEOUTS = new FlowTimeouts(900, 60).ofReplicas();
    private static final int TICK = 5000;
    private static final int TCP = 6;

    private final ReplicaNumbers numbers = new ReplicaNumbers();
    private final int vip = numbers.vip(IpAddress.ipv4(0xc6336401), TCP);
    private final List<ReplicaTable> tables = new ArrayList<>();

    private ReplicaTable table(int flows, String node) {
        ReplicaTable table = new ReplicaTable(flows, TIMEOUTS, numbers, numbers.node(node));
        tables.add(table);
        return table;
    }

    @AfterEach
    void free() {
        tables.forEach(ReplicaTable::close);
    }

    private void merge(ReplicaTable table, boolean ipv6, long key, int backend, int code, long claim) {
        table.merge(ipv6, ipv6 ? key : 0, key, ipv6 ? (int) key : 0, vip, backend, code, claim, TICK, 0);
    }

    private long find(ReplicaTable table, long key) {
        long hash = FlowHash.ipv4(key, numbers.vipSeed(vip));
        return Ipv4Replicas.find(table.ipv4().firstBucket(hash), table.ipv4().secondBucket(hash), key, vip);
    }

    private long find6(ReplicaTable table, long key) {
        long hash = FlowHash.ipv6(key, key, (int) key, numbers.vipSeed(vip));
        return Ipv6Replicas.find(
                table.ipv6().firstBucket(hash), table.ipv6().secondBucket(hash), key, key, (int) key, vip);
    }

    @Test
    void touchingTheMemoryOfAFamilyThatHasFlowsEndsAndChangesNone() {
        int flows = 200_000;
        ReplicaTable table = table(flows, "a");
        assertThat(table.touch()).isFalse();
        for (long key = 1; key <= flows; key++) {
            merge(table, key % 2 == 0, key, 3, FlowStateDescriptor.ESTABLISHED, ClaimDescriptor.of(true, 1, 0));
        }
        int steps = 0;
        while (table.touch()) {
            steps++;
        }
        assertThat(steps).isGreaterThan(1);
        for (long key = 1; key <= flows; key++) {
            long state = key % 2 == 0 ? find6(table, key) : find(table, key);
            assertThat(ReplicaBuckets.backend(state)).isEqualTo(3);
        }
    }

    /** Two nodes that could not hear each other claimed it for one backend, and now only one of them sees its packets. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void packetsUnderTheClaimThatLostKeepTheFlowAlive(boolean lateWins) {
        ReplicaTable table = table(100, "a");
        long early = ClaimDescriptor.of(!lateWins, 5, numbers.node("b"));
        long late = ClaimDescriptor.of(lateWins, 6, numbers.node("c"));
        int idle = FlowStateDescriptor.ticks(800);
        merge(table, false, 7, 1, FlowStateDescriptor.ESTABLISHED, early);
        table.merge(false, 0, 7, 0, vip, 1, FlowStateDescriptor.ESTABLISHED, late, TICK + idle, 0);

        assertThat(FlowStateDescriptor.age(find(table, 7), TICK + idle)).isZero();

        table.merge(false, 0, 7, 0, vip, 1, FlowStateDescriptor.ESTABLISHED, early, TICK + idle, idle);

        assertThat(FlowStateDescriptor.age(find(table, 7), TICK + idle)).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noFlowIsEvictedUpToTheConfiguredNumber(boolean ipv6) {
        int flows = 500_000;
        ReplicaTable table = table(flows, "a");
        Random random = new Random(5);
        long[] keys = random.longs(flows).toArray();
        for (long key : keys) {
            merge(table, ipv6, key, 7, FlowStateDescriptor.ESTABLISHED, ClaimDescriptor.of(true, 1, 0));
        }
        assertThat(table.evictions()).isZero();
        assertThat(table.flows()).isEqualTo(flows);
        for (long key : keys) {
            assertThat(ReplicaBuckets.backend(ipv6 ? find6(table, key) : find(table, key)))
                    .isEqualTo(7);
        }
    }

    /** {@code track: all} tells of half-open flows too; a flood of them, or of proven ones, takes no proven one's place. */
    @ParameterizedTest
    @ValueSource(
            ints = {
                FlowStateDescriptor.HALF_OPEN,
                FlowStateDescriptor.UNPROVEN,
                FlowStateDescriptor.CLOSING,
                FlowStateDescriptor.ESTABLISHED
            })
    void anOverfullTableStaysWithinItsMemoryKeepsWhatIsProvenAndCounts(int code) {
        ReplicaTable table = table(1000, "a");
        for (long key = 1; key <= 1000; key++) {
            merge(table, false, key, 7, FlowStateDescriptor.ESTABLISHED, ClaimDescriptor.of(true, 1, 0));
        }
        for (long key = 1001; key <= 20_000; key++) {
            merge(table, false, key, 8, code, ClaimDescriptor.of(true, 1, 0));
        }
        assertThat(table.flows()).isLessThanOrEqualTo(4L * table.bucketCount());
        assertThat(table.evictions() + table.refusals()).isEqualTo(20_000 - table.flows());
        for (long key = 1; key <= 1000; key++) {
            assertThat(ReplicaBuckets.backend(find(table, key))).isEqualTo(7);
        }
    }

    private record Said(long key, int backend, int code, long claim) {}

    @Test
    void tablesThatWereToldTheSameInAnyOrderAgree() {
        Random random = new Random(17);
        for (int round = 0; round < 200; round++) {
            List<Said> said = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                // of one claim there is one backend: whoever made it said so once
                long lamport = 1L + random.nextInt(12);
                int node = numbers.node("node" + random.nextInt(4));
                boolean proven = random.nextBoolean();
                long key = 1L + random.nextInt(6);
                int backend = (int) (FlowHash.mix(lamport * 64 + node * 2L + (proven ? 1 : 0) + key * 4096) & 1023);
                int code = random.nextInt(4) == 0 ? FlowStateDescriptor.CLOSING : FlowStateDescriptor.ESTABLISHED;
                said.add(new Said(key, backend, code, ClaimDescriptor.of(proven, lamport, node)));
            }
            ReplicaTable one = table(64, "node0");
            ReplicaTable two = table(64, "node0");
            said.forEach(each -> merge(one, false, each.key, each.backend, each.code, each.claim));
            Collections.shuffle(said, random);
            said.forEach(each -> merge(two, false, each.key, each.backend, each.code, each.claim));
            said.forEach(each -> merge(two, false, each.key, each.backend, each.code, each.claim));
            assertThat(content(one)).isEqualTo(content(two)).isNotEmpty();
            free();
            tables.clear();
        }
    }

    private static Set<String> content(ReplicaTable table) {
        Set<String> content = new TreeSet<>();
        table.scan(0, table.bucketCount(), TICK, new FlowEventSink() {
            @Override
            public void ipv4(
                    long key, int vip, int backend, int code, boolean proven, long lamport, int node, int age) {
                content.add(key + " " + vip + " " + backend + " " + code + " " + proven + " " + lamport + " " + node);
            }

            @Override
            public void ipv6(
                    long high,
                    long low,
                    int ports,
                    int vip,
                    int backend,
                    int code,
                    boolean proven,
                    long lamport,
                    int node,
                    int age) {
                throw new AssertionError("none were told");
            }
        });
        return content;
    }

    /** The table is far too small, so entries change their flows all the time under the readers. */
    @Test
    void readersBesideTheWriterSeeOfAFlowWhatIsItsOrNothing() throws InterruptedException {
        ReplicaTable table = table(64, "a");
        AtomicBoolean running = new AtomicBoolean(true);
        List<String> wrong = Collections.synchronizedList(new ArrayList<>());
        long[] found = new long[1];
        Thread reader = Thread.ofPlatform().start(() -> {
            long count = 0;
            for (long i = 0; running.get(); i++) {
                long key = 1 + i % 512;
                long state = find(table, key);
                long state6 = find6(table, key);
                if ((state != 0 && ReplicaBuckets.backend(state) != backendOf(key))
                        || (state6 != 0 && ReplicaBuckets.backend(state6) != backendOf(key))) {
                    wrong.add(key + ": " + state + ", " + state6);
                }
                count += state != 0 ? 1 : 0;
            }
            found[0] = count;
        });
        Random random = new Random(3);
        for (int i = 0; i < 3_000_000; i++) {
            long key = 1L + random.nextInt(512);
            long claim = ClaimDescriptor.of(true, 1L + i, 0);
            merge(table, false, key, backendOf(key), FlowStateDescriptor.ESTABLISHED, claim);
            merge(table, true, key, backendOf(key), FlowStateDescriptor.ESTABLISHED, claim);
        }
        running.set(false);
        reader.join();
        assertThat(wrong).isEmpty();
        assertThat(found[0]).isPositive();
    }

    private static int backendOf(long key) {
        return (int) (FlowHash.mix(key) & 0xffff);
    }
}
