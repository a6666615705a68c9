package io.l4lb.health.http;

import io.l4lb.config.HealthCheckConfig.Request;
import io.l4lb.health.probe.Deadline;
import io.l4lb.health.probe.Probe;
import io.l4lb.health.probe.ProbeException;
import io.l4lb.health.probe.ProbeSocket;
import io.l4lb.health.probe.Way;
import io.l4lb.net.IpAddress;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A GET over HTTP/1.1, with or without TLS, that is answered with an expected status and, if wanted, a certain text. */
public record HttpProbe(int l4Port, Request request, Optional<TlsLayer> tls) implements Probe {
    @Override
    public String run(Way way, Deadline deadline) throws IOException {
        try (ProbeSocket socket = ProbeSocket.connect(way, l4Port, deadline)) {
            Socket spoken = tls.isEmpty() ? socket : tls.get().over(socket, way);
            spoken.getOutputStream().write(text(way.target()).getBytes(StandardCharsets.US_ASCII));
            HttpAnswer answer = new HttpAnswer(spoken.getInputStream());
            int status = answer.status();
            if (status < request.lowestStatus() || status > request.highestStatus()) {
                throw new ProbeException("answered with status " + status);
            }
            if (request.body().isPresent()
                    && !answer.bodyContains(request.body().get())) {
                throw new ProbeException("answered with status " + status + ", but without the expected text");
            }
            return "status " + status;
        }
    }

    private String text(IpAddress target) {
        String host = request.serverName().orElse(target.ipv6() ? "[" + target + "]" : target.toString());
        return "GET " + request.path() + " HTTP/1.1\r\nHost: " + host
                + "\r\nUser-Agent: l4lb-health\r\nAccept: */*\r\nConnection: close\r\n\r\n";
    }
}
