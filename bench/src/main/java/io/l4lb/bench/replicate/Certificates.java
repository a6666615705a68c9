package io.l4lb.bench.replicate;

import io.l4lb.config.replication.ReplicationConfig.TlsConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An authority, and the nodes' certificates that it signs, by openssl as {@code docs/replication.md} has it. */
final class Certificates {
    private static final String AUTHORITY = "ca";
    private static final int OPENSSL_SECONDS = 60;

    private final Path directory;

    /** Makes the authority. */
    Certificates(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
        openssl(AUTHORITY, List.of("-subj", "/CN=bench"));
    }

    TlsConfig of(String nodeId) throws IOException {
        openssl(
                nodeId,
                List.of(
                        "-subj",
                        "/CN=" + nodeId,
                        "-addext",
                        "subjectAltName=DNS:" + nodeId,
                        "-addext",
                        "basicConstraints=critical,CA:FALSE",
                        "-CA",
                        file(AUTHORITY + ".pem"),
                        "-CAkey",
                        file(AUTHORITY + ".key")));
        return new TlsConfig(
                directory.resolve(nodeId + ".pem"),
                directory.resolve(nodeId + ".key"),
                directory.resolve(AUTHORITY + ".pem"));
    }

    private String file(String name) {
        return directory.resolve(name).toString();
    }

    private void openssl(String name, List<String> more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"));
        command.addAll(List.of("-days", "2", "-keyout", file(name + ".key"), "-out", file(name + ".pem")));
        command.addAll(more);
        Path log = directory.resolve("openssl.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!process.waitFor(OPENSSL_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("openssl made no certificate: " + Files.readString(log));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while openssl makes a certificate", e);
        } finally {
            process.destroyForcibly();
        }
    }
}
