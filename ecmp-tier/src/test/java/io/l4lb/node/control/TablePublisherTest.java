package io.l4lb.node.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.check.ConfigReader;
import io.l4lb.config.check.ConfigResult;
import io.l4lb.forwarding.BackendUse;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.net.BackendState;
import io.l4lb.net.MacAddress;
import io.l4lb.worker.TableSwap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One table for all that has changed meanwhile; what cannot be built changes nothing. Workers here only take note. */
@Timeout(60)
class TablePublisherTest {
    private static final String CONFIGURATION = """
            node: {id: lb1, stateDirectory: /nonexistent}
            dataplane: {outerSource: {ipv4: 192.0.2.1}}
            pools: [{name: web, tableSize: 101, backends: [{name: web1, address: 10.0.0.1, weight: WEIGHT}]}]
            vips: [{name: web, address: 198.51.100.1, l4Port: 443, pool: web}]
            """;
    private static final int REFUSED_WEIGHT = 13;
    /** A table can be made, but something else of the node does not go by it. */
    private static final int UNADOPTABLE_WEIGHT = 14;

    @TempDir
    private Path directory;

    private final ForwardingNumbers numbers = new ForwardingNumbers();
    private final Queue<L4lbConfig> built = new ConcurrentLinkedQueue<>();
    private final Queue<L4lbConfig> adopted = new ConcurrentLinkedQueue<>();
    private final Queue<ForwardingTable> handed = new ConcurrentLinkedQueue<>();
    private volatile CountDownLatch mayBuild = new CountDownLatch(0);
    private final Queue<String> order = new ConcurrentLinkedQueue<>();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger refusals = new AtomicInteger();
    private final Queue<ForwardingTable> refused = new ConcurrentLinkedQueue<>();
    private TablePublisher publisher;
    private BackendStates states;

    private L4lbConfig config(int weight) throws IOException {
        Path file = Files.writeString(
                directory.resolve("lb.yaml"), CONFIGURATION.replace("WEIGHT", Integer.toString(weight)));
        return ((ConfigResult.Loaded) ConfigReader.read(file)).config();
    }

    @BeforeEach
    void start() throws IOException {
        L4lbConfig first = config(1);
        states = new BackendStates(first, OperatorSettings.NONE, System::nanoTime);
        publisher = new TablePublisher(first, table(first), states, new Source(), this::hand);
        publisher.start();
    }

    @AfterEach
    void stop() {
        mayBuild.countDown();
        publisher.close();
        publisher.free();
    }

    private ForwardingTable table(L4lbConfig config) {
        return new ForwardingTableBuilder(
                        config, numbers, List.of(new MacAddress(1)), _ -> Optional.of(new MacAddress(2)))
                .build();
    }

    private List<TableSwap> hand(ForwardingTable table) {
        if (refusals.getAndDecrement() > 0) {
            refused.add(table);
            throw new IllegalStateException("a worker stands still");
        }
        handed.add(table);
        order.add("handed");
        return List.of();
    }

    private final class Source implements TablePublisher.TableSource {
        @Override
        public ForwardingTable build(L4lbConfig config, BackendUse use) {
            built.add(config);
            try {
                mayBuild.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (failures.getAndDecrement() > 0
                    || config.pools().getFirst().backends().getFirst().weight() == REFUSED_WEIGHT) {
                throw new IllegalStateException("not by this");
            }
            return table(config);
        }

        @Override
        public void adopted(L4lbConfig config) {
            adopted.add(config);
            order.add("adopted");
            if (config.pools().getFirst().backends().getFirst().weight() == UNADOPTABLE_WEIGHT) {
                throw new IllegalStateException("no room for the checks");
            }
        }

        @Override
        public void stays(L4lbConfig config) {
            adopted.add(config);
            order.add("stays");
        }

        @Override
        public void taken(L4lbConfig config) {
            order.add("taken");
        }
    }

    @Test
    void whatChangesWhileATableIsMadeGoesIntoTheNextOne() throws Exception {
        mayBuild = new CountDownLatch(1);
        CompletableFuture<Publication> first = publisher.publish();
        while (built.isEmpty()) {
            Thread.sleep(1);
        }
        CompletableFuture<Publication> second = publisher.publish();
        for (int i = 0; i < 100; i++) {
            publisher.changed();
        }
        CompletableFuture<Publication> last = publisher.publish(config(2));
        mayBuild.countDown();

        first.get(30, TimeUnit.SECONDS);
        second.get(30, TimeUnit.SECONDS);
        last.get(30, TimeUnit.SECONDS);
        assertThat(handed).hasSize(2);
        assertThat(adopted).containsExactly(publisher.config());
    }

    @Test
    void aConfigurationThatIsRefusedChangesNothingAndHoldsUpNobody() throws Exception {
        L4lbConfig before = publisher.config();
        mayBuild = new CountDownLatch(1);
        publisher.changed();
        CompletableFuture<Publication> change = publisher.publish();
        CompletableFuture<Publication> reload = publisher.publish(config(REFUSED_WEIGHT));
        mayBuild.countDown();

        assertThatThrownBy(() -> reload.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("not by this");
        change.get(30, TimeUnit.SECONDS);
        assertThat(publisher.config()).isSameAs(before);
        assertThat(adopted).isEmpty();
    }

    @Test
    void aConfigurationThatCannotBeAdoptedInFullIsTakenBackInFull() throws Exception {
        refusedAndTakenBack(UNADOPTABLE_WEIGHT, "no room for the checks");
    }

    @Test
    void aConfigurationWhoseTableTheWorkersRefuseIsTakenBackInFull() throws Exception {
        refusals.set(1);
        refusedAndTakenBack(2, "a worker stands still");
        assertThat(refused).singleElement().matches(ForwardingTable::isClosed, "freed");
    }

    private void refusedAndTakenBack(int weight, String why) throws Exception {
        L4lbConfig before = publisher.config();
        CompletableFuture<Publication> reload = publisher.publish(config(weight));
        assertThatThrownBy(() -> reload.get(30, TimeUnit.SECONDS)).hasMessageContaining(why);
        assertThat(publisher.config()).isSameAs(before);
        assertThat(states.all().getFirst().weight()).isEqualTo(1);
        assertThat(adopted).hasSize(2).last().isSameAs(before);
        assertThat(order).as("before any other table").startsWith("adopted", "stays");

        publisher.publish().get(30, TimeUnit.SECONDS);
        assertThat(built).last().as("what is made next").isSameAs(before);
    }

    @Test
    void whatComesWithAConfigurationIsLetInAfterTheWorkersHaveIt() throws Exception {
        publisher.publish(config(2)).get(30, TimeUnit.SECONDS);
        assertThat(order).containsExactly("adopted", "handed", "taken");
    }

    @Test
    void whatFailsIsTriedAgain() throws Exception {
        failures.set(1);
        CompletableFuture<Publication> change = publisher.publish();
        assertThatThrownBy(() -> change.get(30, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
        while (handed.isEmpty()) {
            Thread.sleep(1);
        }
        assertThat(built).hasSize(2);
    }

    @Test
    void aTableThatTheWorkersDoNotTakeIsFreedAndTheOneTheyUseIsNot() throws Exception {
        ForwardingTable used = publisher.table();
        refusals.set(1);
        CompletableFuture<Publication> change = publisher.publish();
        assertThatThrownBy(() -> change.get(30, TimeUnit.SECONDS)).hasMessageContaining("a worker stands still");
        assertThat(refused).singleElement().matches(ForwardingTable::isClosed, "freed");
        assertThat(used.isClosed()).isFalse();
        while (handed.isEmpty()) {
            Thread.sleep(1); // it is tried again
        }
        publisher.publish().get(30, TimeUnit.SECONDS);
        assertThat(used.isClosed()).as("freed once the workers have another").isTrue();
    }

    @Test
    void aBackendThatGoesDownCallsForATable() throws Exception {
        states.healthChanged("web", "web1", BackendState.DOWN, "refused");
        while (handed.isEmpty()) {
            Thread.sleep(1);
        }
        assertThat(adopted).isEmpty();
    }

    @Test
    void aNodeThatStopsRefuses() {
        publisher.close();
        assertThatThrownBy(() -> publisher.publish().get(30, TimeUnit.SECONDS))
                .hasMessageContaining("the node is stopping");
    }
}
