package io.l4lb.bench.polling;

import io.l4lb.bench.shape.Shape;
import io.l4lb.bench.source.WorkerDevices;
import io.l4lb.dpdk.MbufPool;
import io.l4lb.dpdk.eal.Eal;
import io.l4lb.dpdk.ethdev.EthDev;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Main class of the Java contender: {@code EAL-OPTIONS -- OPTIONS} of {@link Shape}, then lines on its standard input.
 *
 * <pre>
 * run WARM SECONDS    polls WARM seconds unmeasured and SECONDS measured, answers RESULT name=value …
 * (end of input)      leaves
 * </pre>
 */
public final class JavaContender {
    private static final String DEVICE_OPTION = "--vdev=";
    private static final String LCORES_OPTION = "-l";

    private JavaContender() {}

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        List<String> all = List.of(arguments);
        int end = all.indexOf("--");
        serve(all.subList(0, end), Shape.parse(all.subList(end + 1, all.size())), out);
    }

    private static void serve(List<String> ealOptions, Shape shape, PrintStream out) throws Exception {
        // the twin's EAL probes its devices at start; here the product's binding attaches them
        List<String> devices = valuesOf(ealOptions, DEVICE_OPTION);
        List<String> start = ealOptions.stream()
                .filter(option -> !option.startsWith(DEVICE_OPTION))
                .toList();
        String[] cpus = valuesOf(ealOptions, LCORES_OPTION).getFirst().split(",", -1);
        int dataRoomBytes = shape.source().dataRoomBytes();
        try (Eal eal = Eal.start(start);
                MbufPool pool = MbufPool.create("bench", shape.source().mbufs(), dataRoomBytes, MbufPool.ANY_SOCKET);
                WorkerDevices ethDevs = WorkerDevices.start(eal, devices, pool);
                Pollers pollers = new Pollers(shape, freeCpu(cpus))) {
            for (int i = 0; i < shape.workers(); i++) {
                EthDev ethDev = ethDevs.of(i);
                pollers.add(Integer.parseInt(cpus[i]), ethDev.rxQueue(0), ethDev.txQueue(0), pool);
            }
            out.println("READY dpdk=" + eal.version());
            obey(pollers, out);
        }
    }

    private static void obey(Pollers pollers, PrintStream out) throws IOException, InterruptedException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", -1);
            pollers.run(Double.parseDouble(words[1]));
            out.println(pollers.run(Double.parseDouble(words[2])).toLine());
        }
    }

    /** {@return the first CPU that is no worker's} */
    private static OptionalInt freeCpu(String... cpus) {
        List<String> taken = List.of(cpus);
        return IntStream.range(0, Runtime.getRuntime().availableProcessors())
                .filter(cpu -> !taken.contains("" + cpu))
                .findFirst();
    }

    private static List<String> valuesOf(List<String> options, String prefix) {
        return options.stream()
                .filter(option -> option.startsWith(prefix))
                .map(option -> option.substring(prefix.length()))
                .toList();
    }
}
