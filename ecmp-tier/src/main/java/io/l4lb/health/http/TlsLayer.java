package io.l4lb.health.http;

import io.l4lb.health.probe.Way;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** TLS over a connection, with SNI, with or without a look at the certificate. Any thread. */
public final class TlsLayer {
    private final SSLContext context;
    private final Optional<String> serverName;
    private final boolean verifyCertificate;

    public TlsLayer(Optional<String> serverName, boolean verifyCertificate) {
        this.serverName = serverName;
        this.verifyCertificate = verifyCertificate;
        try {
            context = SSLContext.getInstance("TLS");
            context.init(null, verifyCertificate ? null : new TrustManager[] {new AnyCertificate()}, null);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no TLS", e);
        }
    }

    /** {@return the connection after its handshake} Closing the one below is enough. */
    Socket over(Socket socket, Way way) throws IOException {
        // the session that a later try resumes is looked up by host and l4Port: of this backend, not of any
        String host =
                verifyCertificate ? serverName.orElseThrow() : way.backend().toString();
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, host, socket.getPort(), true);
        SSLParameters parameters = tls.getSSLParameters();
        List<SNIServerName> names = serverName
                .map(name -> List.<SNIServerName>of(new SNIHostName(name)))
                .orElse(List.of());
        parameters.setServerNames(names);
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        if (verifyCertificate) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        return tls;
    }

    /** For checks that are to find dead backends, not bad certificates. */
    private static final class AnyCertificate extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
