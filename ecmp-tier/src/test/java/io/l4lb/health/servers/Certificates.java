package io.l4lb.health.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Two authorities and what one of them has signed, by the JDK's keytool: {@code NAME.pem} for nginx, and trust stores. */
final class Certificates {
    private static final String PASSWORD = "changeit";
    private static final String TRUST_STORE = "javax.net.ssl.trustStore";
    private static final String TRUST_PASSWORD = "javax.net.ssl.trustStorePassword";
    private static final int KEYTOOL_SECONDS = 60;
    private static final Base64.Encoder PEM = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private Certificates() {}

    static void makeIn(Path directory) throws IOException, InterruptedException, GeneralSecurityException {
        makeAuthority(directory, "right");
        makeAuthority(directory, "wrong");
        makeSigned(directory, "a", "-validity", "30");
        makeSigned(directory, "b", "-validity", "30");
        makeSigned(directory, "expired", "-startdate", "-20d", "-validity", "10");
        KeyStore store = load(directory.resolve("right.p12"));
        for (String name : List.of("a", "b", "expired")) {
            writePem(store, name, directory.resolve(name + ".pem"));
        }
    }

    private static void makeAuthority(Path directory, String name) throws IOException, InterruptedException {
        String store = directory.resolve(name + ".p12").toString();
        String exported = directory.resolve(name + ".crt").toString();
        keytool(
                "-genkeypair",
                "-alias",
                "ca",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "bc:c",
                "-keystore",
                store);
        keytool("-exportcert", "-alias", "ca", "-file", exported, "-keystore", store);
        String trust = directory.resolve(name + "-trust.p12").toString();
        keytool("-importcert", "-noprompt", "-alias", "ca", "-file", exported, "-keystore", trust);
    }

    private static void makeSigned(Path directory, String name, String... validity)
            throws IOException, InterruptedException {
        List<String> arguments =
                new ArrayList<>(List.of("-genkeypair", "-alias", name, "-keyalg", "EC", "-signer", "ca"));
        arguments.addAll(List.of("-dname", "CN=" + name, "-ext", "san=dns:" + name + ".example"));
        arguments.addAll(List.of("-keystore", directory.resolve("right.p12").toString()));
        arguments.addAll(List.of(validity));
        keytool(arguments.toArray(String[]::new));
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storepass", PASSWORD));
        Path said = Files.createTempFile("l4lb-keytool", ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            boolean hasEnded = process.waitFor(KEYTOOL_SECONDS, TimeUnit.SECONDS);
            assertThat(hasEnded && process.exitValue() == 0)
                    .as("%s: %s", command, Files.readString(said))
                    .isTrue();
        } finally {
            process.destroyForcibly();
            Files.delete(said);
        }
    }

    private static KeyStore load(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private static void writePem(KeyStore store, String name, Path file) throws IOException, GeneralSecurityException {
        Key key = store.getKey(name, PASSWORD.toCharArray());
        StringBuilder text = new StringBuilder(block("PRIVATE KEY", key.getEncoded()));
        for (Certificate each : store.getCertificateChain(name)) {
            text.append(block("CERTIFICATE", each.getEncoded()));
        }
        Files.writeString(file, text);
    }

    private static String block(String kind, byte[] bytes) {
        String text = new String(PEM.encode(bytes), StandardCharsets.US_ASCII);
        return "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n";
    }

    /** Has the JVM trust that authority only, until it is closed. */
    static Trust trust(Path directory, String authority) {
        Trust before = new Trust(System.getProperty(TRUST_STORE), System.getProperty(TRUST_PASSWORD));
        System.setProperty(
                TRUST_STORE, directory.resolve(authority + "-trust.p12").toString());
        System.setProperty(TRUST_PASSWORD, PASSWORD);
        return before;
    }

    /** What was trusted before. */
    record Trust(String store, String password) implements AutoCloseable {
        @Override
        public void close() {
            restore(TRUST_STORE, store);
            restore(TRUST_PASSWORD, password);
        }

        private static void restore(String name, String value) {
            if (value == null) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, value);
            }
        }
    }
}
