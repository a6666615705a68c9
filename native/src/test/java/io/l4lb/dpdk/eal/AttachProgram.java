package io.l4lb.dpdk.eal;

import io.l4lb.dpdk.MbufPool;
import io.l4lb.dpdk.binding.DpdkException;
import io.l4lb.dpdk.ethdev.EthDev;
import io.l4lb.dpdk.ethdev.EthDevConfig;
import io.l4lb.dpdk.testing.SharedEal;
import java.util.ArrayList;
import java.util.List;

/**
 * Attaches and starts the devices that its arguments name, prints "ready", and closes them when it is told to end.
 * Prints the message and exits with 1 when DPDK fails. An argument that starts with "eal:" is passed to the EAL.
 */
final class AttachProgram {
    private AttachProgram() {}

    public static void main(String[] arguments) throws InterruptedException {
        List<String> forEal = new ArrayList<>();
        List<String> devices = new ArrayList<>();
        for (String argument : arguments) {
            if (argument.startsWith("eal:")) {
                forEal.add(argument.substring("eal:".length()));
            } else {
                devices.add(argument);
            }
        }
        try {
            run(forEal.isEmpty() ? SharedEal.arguments() : forEal, devices);
        } catch (DpdkException e) {
            System.out.println(e.getMessage());
            Runtime.getRuntime().halt(1);
        }
    }

    private static void run(List<String> forEal, List<String> devices) throws InterruptedException {
        Eal eal = Eal.start(forEal, devices);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(eal)));
        MbufPool pool = MbufPool.create("pool", 8191, 2176, MbufPool.ANY_SOCKET);
        for (String device : devices) {
            EthDev dev = eal.attach(device);
            dev.configure(EthDevConfig.forWorkers(1, 1700, pool));
            dev.start();
        }
        System.out.println("ready");
        Thread.currentThread().join();
    }

    private static void close(Eal eal) {
        eal.close();
        System.out.println("closed");
    }
}
