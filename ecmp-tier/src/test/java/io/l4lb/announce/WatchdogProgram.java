package io.l4lb.announce;

import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.tun.TunDevice;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** A "worker" that moves once a millisecond until it is told to pause, and the watchdog over it. */
final class WatchdogProgram {
    private static volatile boolean moving = true;

    private WatchdogProgram() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        WorkerProgress progress = new WorkerProgress(2);
        TunDevice device = TunDevice.open(args[0]);
        Thread.ofPlatform().daemon().start(() -> work(progress));
        WorkerWatch watch = new WorkerWatch(
                args[0],
                50,
                progress.memory(),
                2,
                stall -> System.out.println(stall.orElse("all move") + ", up: " + device.isUp()));
        watch.start();
        System.out.println("ready");
        for (int command = System.in.read(); command >= 0; command = System.in.read()) {
            switch (command) {
                case 'p' -> moving = false;
                case 'm' -> moving = true;
                case 'u' -> {
                    device.setUp(true);
                    TimeUnit.MILLISECONDS.sleep(300);
                    System.out.println("after going up, up: " + device.isUp());
                }
                default -> System.out.println("state: " + watch.state());
            }
        }
    }

    private static void work(WorkerProgress progress) {
        for (long passes = 1; ; passes++) {
            Memory.putLongOpaque(progress.address(0), passes);
            if (moving) {
                Memory.putLongOpaque(progress.address(1), passes);
            }
            try {
                TimeUnit.MILLISECONDS.sleep(1);
            } catch (InterruptedException e) {
                return;
            }
        }
    }
}
