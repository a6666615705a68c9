package io.l4lb.peer.tls;

import io.l4lb.config.replication.ReplicationConfig.TlsConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import nl.altindag.ssl.SSLFactory;
import nl.altindag.ssl.pem.util.PemUtils;

/** What was in the three files at one time, found to fit together. Any thread; immutable. */
final class TlsKeys {
    private static final String PROTOCOL = "TLSv1.3";
    /** Signed with the key and checked with the certificate, to see that they are a pair. */
    private static final byte[] PROBE = {1, 2, 3, 4};

    private final SSLContext context;

    private TlsKeys(SSLContext context) {
        this.context = context;
    }

    /**
     * Reads the files.
     *
     * @throws TlsFilesException which file is wrong, and what would be right
     */
    static TlsKeys read(TlsConfig files, String nodeId) {
        List<X509Certificate> chain =
                read("certificate", files.certificate(), () -> PemUtils.loadCertificate(files.certificate()));
        List<X509Certificate> trusted = read("ca", files.ca(), () -> PemUtils.loadCertificate(files.ca()));
        PrivateKey key = read("key", files.key(), () -> PemUtils.loadPrivateKey(files.key()));
        X509Certificate own = chain.getFirst();
        if (!CertificateNames.of(own).contains(nodeId)) {
            throw new TlsFilesException(
                    "certificate",
                    files.certificate(),
                    "expected node.id, " + nodeId + ", among its DNS names; it has " + CertificateNames.of(own));
        }
        if (!isPair(key, own)) {
            throw new TlsFilesException("key", files.key(), "expected the key of " + files.certificate());
        }
        return new TlsKeys(context(files, key, chain, trusted));
    }

    private static SSLContext context(
            TlsConfig files, PrivateKey key, List<X509Certificate> chain, List<X509Certificate> trusted) {
        try {
            return SSLFactory.builder()
                    .withIdentityMaterial(key, new char[0], chain)
                    .withTrustMaterial(trusted)
                    .withProtocols(PROTOCOL)
                    .build()
                    .getSslContext();
        } catch (RuntimeException e) {
            // The library's key store refuses a chain in which one certificate has not signed the one before it.
            String cause = e.getCause() == null ? "" : ": " + e.getCause().getMessage();
            throw new TlsFilesException(
                    "certificate",
                    files.certificate(),
                    "expected the node's certificate, and after it only those that signed it: " + e.getMessage()
                            + cause);
        }
    }

    private static <T> T read(String key, Path file, Supplier<T> read) {
        if (!Files.isReadable(file)) {
            throw new TlsFilesException(key, file, "expected a file that this process may read");
        }
        try {
            T found = read.get();
            if (found instanceof List<?> list && list.isEmpty()) {
                throw new TlsFilesException(key, file, "expected PEM, and there is none");
            }
            return found;
        } catch (TlsFilesException e) {
            throw e;
        } catch (RuntimeException e) {
            // The library has many, and a file that is being written may be anything.
            throw new TlsFilesException(key, file, "expected PEM that can be read: " + e.getMessage());
        }
    }

    private static boolean isPair(PrivateKey key, X509Certificate certificate) {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC", "ECDSA" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            // A key of another algorithm, or one that nobody here can sign with.
            return false;
        }
    }

    SSLEngine engine(boolean isClient) {
        // Without a peer's name the engine keeps no TLS session to resume: certificates are looked at each time.
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(isClient);
        engine.setEnabledProtocols(new String[] {PROTOCOL});
        if (!isClient) {
            engine.setNeedClientAuth(true);
        }
        return engine;
    }
}
