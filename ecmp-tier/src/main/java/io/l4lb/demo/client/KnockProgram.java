package io.l4lb.demo.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks VIPs in turn for their page, each time by a new connection, a virtual thread each, at a steady rate whatever becomes of
 * them; prints a line for each that has ended. Until it is killed, or somebody closes its standard input.
 */
final class KnockProgram {
    private static final int L4_PORT = 80;
    private static final int LIMIT_MS = 5000;
    private static final int HEAD_CHARS_MAX = 8192;
    private static final String BACKEND = "X-Backend: ";

    private KnockProgram() {}

    /** The arguments: connections a second, then the addresses of the VIPs. */
    public static void main(String[] arguments) {
        long periodNs = TimeUnit.SECONDS.toNanos(1) / Integer.parseInt(arguments[0]);
        Thread.ofPlatform().daemon().name("until the input ends").start(KnockProgram::endWithTheInput);
        long startNs = System.nanoTime();
        for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
            int number = i;
            String address = arguments[1 + i % (arguments.length - 1)];
            Thread.startVirtualThread(() -> print(knock(number, address)));
            long dueNs = startNs + (i + 1) * periodNs;
            for (long leftNs = dueNs - System.nanoTime(); leftNs > 0; leftNs = dueNs - System.nanoTime()) {
                LockSupport.parkNanos(leftNs);
            }
        }
    }

    private static void endWithTheInput() {
        try {
            while (System.in.read() >= 0) {
                // nobody has anything to say here
            }
        } catch (IOException _) {
            // ended all the same
        }
        Runtime.getRuntime().halt(0);
    }

    private static synchronized void print(Knock knock) {
        System.out.println(knock.text());
        System.out.flush();
    }

    private static Knock knock(int number, String address) {
        long startMs = System.currentTimeMillis();
        String backend = "";
        String error = "";
        try {
            backend = ask(address);
        } catch (IOException e) {
            error = String.valueOf(e.getMessage());
        }
        return new Knock(number, startMs, System.currentTimeMillis(), address, backend, error);
    }

    private static String ask(String address) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, L4_PORT), LIMIT_MS);
            socket.setSoTimeout(LIMIT_MS);
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            int chars = 0;
            for (String line = in.readLine(); line != null && chars < HEAD_CHARS_MAX; line = in.readLine()) {
                if (line.startsWith(BACKEND)) {
                    return line.substring(BACKEND.length());
                }
                chars += line.length();
            }
            throw new IOException("no backend named in the answer");
        }
    }
}
