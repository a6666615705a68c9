package io.l4lb.health.servers;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server's process on a free l4Port of 127.0.0.1; closing kills it. */
record RealServer(Process process, int l4Port) implements AutoCloseable {
    /** Of dnsmasq's option trust-anchor: any key, which signs nothing here, so that what is below it is bogus. */
    static final String SOME_KEY = ",20326,8,2,E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D";

    private static final int END_SECONDS = 20;
    /** Debian's, which has the package; another may come first in the path. */
    private static final String PYTHON = "/usr/bin/python3";

    /** One server block for each certificate; unknown names get the certificate of a, and 403. */
    static RealServer nginx(Path directory) throws IOException {
        int l4Port = freeL4Port();
        StringBuilder text = new StringBuilder("""
                daemon off;
                pid %1$s/nginx.pid;
                events {}
                http {
                  access_log off;
                  client_body_temp_path %1$s/tmp; proxy_temp_path %1$s/tmp; fastcgi_temp_path %1$s/tmp;
                  uwsgi_temp_path %1$s/tmp; scgi_temp_path %1$s/tmp;
                """.formatted(directory));
        text.append(server(directory, l4Port + " default_server", "_", "a", "return 403;"));
        for (String name : List.of("a", "b", "expired")) {
            text.append(server(directory, "" + l4Port, name + ".example", name, "return 200 'this is " + name + "';"));
        }
        Path configuration = directory.resolve("nginx.conf");
        Files.writeString(configuration, text + "}\n");
        return start(
                l4Port,
                "nginx",
                "-p",
                directory.toString(),
                "-e",
                directory + "/error.log",
                "-c",
                configuration.toString());
    }

    private static String server(Path directory, String listen, String name, String certificate, String does) {
        return """
                  server {
                    listen 127.0.0.1:%s ssl;
                    server_name %s;
                    ssl_certificate %3$s/%4$s.pem;
                    ssl_certificate_key %3$s/%4$s.pem;
                    location / { %5$s }
                  }
                """.formatted(listen, name, directory, certificate, does);
    }

    /** gRPC's own server, with services "" and "up" that serve, and "down" that does not. */
    static RealServer grpc(Path directory) throws IOException {
        int l4Port = freeL4Port();
        Path program = directory.resolve("health.py");
        Files.writeString(program, """
                import grpc, sys
                from concurrent import futures

                # messages of grpc.health.v1 as bytes: the package with the generated ones is not in Debian
                ANSWERS = {b"": b"\\x08\\x01", b"\\x0a\\x02up": b"\\x08\\x01", b"\\x0a\\x04down": b"\\x08\\x02"}

                def check(request, context):
                    if request not in ANSWERS:
                        context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
                    return ANSWERS[request]

                server = grpc.server(futures.ThreadPoolExecutor(2))
                server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(
                    "grpc.health.v1.Health", {"Check": grpc.unary_unary_rpc_method_handler(check)}),))
                assert server.add_insecure_port("127.0.0.1:" + sys.argv[1])
                server.start()
                server.wait_for_termination()
                """);
        return start(l4Port, PYTHON, program.toString(), Integer.toString(l4Port));
    }

    /** Answers what the options say and nothing else. */
    static RealServer dnsmasq(String... options) throws IOException {
        int l4Port = freeL4Port();
        List<String> command = new ArrayList<>(List.of("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null"));
        command.addAll(List.of("--listen-address=127.0.0.1", "--bind-interfaces", "--port=" + l4Port));
        command.addAll(List.of("--no-resolv", "--no-hosts", "--pid-file="));
        command.add("--user=" + System.getProperty("user.name"));
        command.addAll(List.of(options));
        return start(l4Port, command.toArray(String[]::new));
    }

    private static int freeL4Port() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static RealServer start(int l4Port, String... command) throws IOException {
        ProcessBuilder.Redirect log = ProcessBuilder.Redirect.appendTo(
                Path.of("target", "real-servers.log").toFile());
        return new RealServer(
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log)
                        .start(),
                l4Port);
    }

    @Override
    public void close() throws IOException {
        // nginx's master takes its workers with it
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
