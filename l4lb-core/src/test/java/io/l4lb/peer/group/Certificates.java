package io.l4lb.peer.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.replication.ReplicationConfig.TlsConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Authorities and the certificates that they sign, by openssl. */
final class Certificates {
    private final Path directory;

    Certificates(Path directory) {
        this.directory = directory;
    }

    void authority(String name) {
        openssl(name, List.of("-subj", "/CN=" + name));
    }

    /** Makes {@code id}.pem and {@code id}.key, or others in their place. */
    TlsConfig node(String authority, String id) {
        openssl(
                id,
                List.of(
                        "-subj",
                        "/CN=node",
                        "-addext",
                        "subjectAltName=DNS:" + id,
                        "-addext",
                        "basicConstraints=critical,CA:FALSE",
                        "-CA",
                        file(authority + ".pem"),
                        "-CAkey",
                        file(authority + ".key")));
        return files(authority, id);
    }

    TlsConfig files(String authority, String id) {
        return new TlsConfig(
                directory.resolve(id + ".pem"), directory.resolve(id + ".key"), directory.resolve(authority + ".pem"));
    }

    private String file(String name) {
        return directory.resolve(name).toString();
    }

    private void openssl(String name, List<String> more) {
        List<String> command = new ArrayList<>(List.of(
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"));
        command.addAll(List.of("-days", "2", "-keyout", file(name + ".key"), "-out", file(name + ".pem")));
        command.addAll(more);
        try {
            Path log = directory.resolve("openssl.log");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(log)).isZero();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
