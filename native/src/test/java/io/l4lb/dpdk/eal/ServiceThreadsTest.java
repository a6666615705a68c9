package io.l4lb.dpdk.eal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.l4lb.dpdk.testing.ChildJvm;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServiceThreadsTest {
    private final BitSet allowed = AllowedCpus.read();

    @Test
    void noThreadOfTheJvmIsLeftOnTheWorkersCpu() throws InterruptedException {
        assumeThat(allowed.cardinality()).as("CPUs").isGreaterThan(1);
        int workerCpu = allowed.length() - 1;
        BitSet rest = (BitSet) allowed.clone();
        rest.clear(workerCpu);

        List<String> lines = run(List.of("" + workerCpu));

        assertThat(lines).doesNotContain("moved 0");
        assertThat(lines)
                .filteredOn(line -> line.startsWith("cpus"))
                .isNotEmpty()
                .containsOnly("cpus " + rest);
    }

    @Test
    void nothingChangesWhenTheWorkersHaveEveryCpu() throws InterruptedException {
        List<String> lines = run(allowed.stream().mapToObj(String::valueOf).toList());

        assertThat(lines).contains("moved 0");
        assertThat(lines).filteredOn(line -> line.startsWith("cpus")).containsOnly("cpus " + allowed);
    }

    private static List<String> run(List<String> cpus) throws InterruptedException {
        try (ChildJvm child = ChildJvm.start(List.of(), List.of(), KeepOffProgram.class, cpus)) {
            child.await("end");
            return child.output().lines().toList();
        }
    }
}
