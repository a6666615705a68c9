package io.l4lb.warmup;

import io.l4lb.config.L4lbConfig;
import io.l4lb.dpdk.eal.Eal;
import io.l4lb.dpdk.eal.WorkerThread;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.worker.Worker;
import io.l4lb.worker.WorkerLoop;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * Sends synthetic packets through workers of its own until C2 has compiled the hot path and has nothing left to do with it.
 * Code and profiles belong to methods, not to objects or threads: one warm-up serves all workers of the process. Device,
 * tables and counters are the warm-up's own and are gone afterwards.
 *
 * <p>Cold; before the node's workers start. Ends at its deadline at the latest.
 */
public final class WarmUp {
    /** How long C2 must have had nothing of ours to do, and how many packets must have passed meanwhile. */
    private static final long QUIET_NS = 150_000_000;

    private static final long QUIET_PACKETS = 1_000_000;
    private static final long WATCH_NS = 10_000_000;

    private final Eal eal;
    private final L4lbConfig config;
    private final Supplier<IdleStrategy> idleStrategies;

    /**
     * @param config the node's: what it asks for is what most of the packets are
     * @param idleStrategies gives strategies like those of the node's workers
     */
    public WarmUp(Eal eal, L4lbConfig config, Supplier<IdleStrategy> idleStrategies) {
        this.eal = eal;
        this.config = config;
        this.idleStrategies = idleStrategies;
    }

    /** Warms up, for at most {@code limit} and one round; on a thread of its own, like a worker's. */
    public WarmUpResult run(Duration limit) {
        CompletableFuture<WarmUpResult> result = new CompletableFuture<>();
        List<Integer> lcores = config.dataplane().lcores();
        // bound as a worker is: the classes that binding loads would make C2's code invalid if they came later
        OptionalInt lcore = lcores.isEmpty() ? OptionalInt.empty() : OptionalInt.of(lcores.getFirst());
        Thread.ofPlatform().daemon().name("warm-up").start(() -> {
            try (WorkerThread _ = WorkerThread.enter(lcore)) {
                result.complete(warmUp(limit.toNanos()));
            } catch (Throwable e) { // whoever waits gets one answer or the other
                result.completeExceptionally(e);
            }
        });
        try {
            return result.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private WarmUpResult warmUp(long limitNs) {
        long startNs = System.nanoTime();
        CompilerWatch compiler = new CompilerWatch();
        boolean withKernel = config.dataplane().ethPorts().stream()
                .anyMatch(ethPort -> ethPort.kernelInterface().isPresent());
        SyntheticSite site = new SyntheticSite();
        boolean withQuic = config.vips().stream().anyMatch(vip -> vip.quic().isPresent());
        SyntheticTraffic traffic = new SyntheticTraffic(site, TrafficKind.of(config), withQuic);
        try (LoopDevice device = LoopDevice.open(eal, SyntheticTraffic.FRAME_BYTES_MAX)) {
            ForwardingTable table = site.table(true);
            ForwardingTable fewerBackends = site.table(false);
            Worker steady = SyntheticWorkers.steady(device, table, withKernel);
            Worker odd = SyntheticWorkers.odd(device, table, withKernel);
            try {
                Rounds rounds = new Rounds(device, traffic, loop(steady), loop(odd), List.of(fewerBackends, table));
                boolean compiled = compile(rounds, compiler, startNs, limitNs);
                rounds.end();
                steady.dropHeld();
                odd.dropHeld();
                return new WarmUpResult(compiled, rounds.packets(), System.nanoTime() - startNs, device.missing());
            } finally {
                steady.close();
                odd.close();
                table.close();
                fewerBackends.close();
            }
        }
    }

    private WorkerLoop loop(Worker worker) {
        return new WorkerLoop(worker, idleStrategies.get(), WarmUp::rethrow);
    }

    private static void rethrow(Throwable error) {
        throw new IllegalStateException("the pipeline failed on a synthetic packet", error);
    }

    private static boolean compile(Rounds rounds, CompilerWatch compiler, long startNs, long limitNs) {
        long quietSinceNs = startNs;
        long quietSincePackets = 0;
        long watchedNs = startNs;
        while (true) {
            rounds.run();
            long nowNs = System.nanoTime();
            if (nowNs - watchedNs < WATCH_NS) {
                continue;
            }
            watchedNs = nowNs;
            if (compiler.isBusy()) {
                quietSinceNs = nowNs;
                quietSincePackets = rounds.packets();
            } else if (nowNs - quietSinceNs >= QUIET_NS
                    && rounds.packets() - quietSincePackets >= QUIET_PACKETS
                    && isPassOptimised(compiler)) {
                return true;
            }
            if (nowNs - startNs >= limitNs) {
                return false;
            }
        }
    }

    /** By itself, or as part of what calls it: once that is compiled, nobody calls the method by itself any more. */
    private static boolean isPassOptimised(CompilerWatch compiler) {
        return compiler.isOptimised(WorkerLoop.class, "turn")
                || compiler.isOptimised(WorkerLoop.class, "pass")
                || compiler.isOptimised(Worker.class, "doWork");
    }
}
