package io.l4lb.health.grpc;

import io.l4lb.health.probe.Deadline;
import io.l4lb.health.probe.Probe;
import io.l4lb.health.probe.ProbeException;
import io.l4lb.health.probe.ProbeSocket;
import io.l4lb.health.probe.Way;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * {@code grpc.health.v1.Health/Check} over HTTP/2 without TLS, with prior knowledge (RFC 9113, section 3.3).
 *
 * <p>One request, one message in the answer; its headers are not decoded, because no message comes with an error. So no
 * library is needed, and the socket is ours: a check that travels the data path has to know its l4Port before it connects.
 */
public record GrpcProbe(int l4Port, Optional<String> serverName, String service) implements Probe {
    private static final int STREAM = 1;
    private static final String PATH = "/grpc.health.v1.Health/Check";

    @Override
    public String run(Way way, Deadline deadline) throws IOException {
        try (ProbeSocket socket = ProbeSocket.connect(way, l4Port, deadline)) {
            String host = serverName.orElse(
                    way.target().ipv6()
                            ? "[" + way.target() + "]"
                            : way.target().toString());
            OutputStream out = socket.getOutputStream();
            out.write(request(host + ":" + l4Port));
            return answer(new DataInputStream(socket.getInputStream()), out);
        }
    }

    private byte[] request(String authority) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(Http2Descriptor.PREFACE.getBytes(StandardCharsets.US_ASCII));
        bytes.writeBytes(frame(Http2Descriptor.SETTINGS, 0, 0, new byte[0]));
        bytes.writeBytes(frame(
                Http2Descriptor.HEADERS, Http2Descriptor.END_HEADERS, STREAM, HpackText.request(authority, PATH)));
        bytes.writeBytes(
                frame(Http2Descriptor.DATA, Http2Descriptor.END_STREAM, STREAM, GrpcHealthMessage.request(service)));
        return bytes.toByteArray();
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(Http2Descriptor.HEADER_BYTES + payload.length)
                .putInt(Http2Descriptor.LENGTH_OFFSET, payload.length << Byte.SIZE)
                .put(Http2Descriptor.TYPE_OFFSET, (byte) type)
                .put(Http2Descriptor.FLAGS_OFFSET, (byte) flags)
                .putInt(Http2Descriptor.STREAM_OFFSET, stream)
                .put(Http2Descriptor.HEADER_BYTES, payload)
                .array();
    }

    private static String answer(DataInputStream in, OutputStream out) throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        byte[] bytes = new byte[Http2Descriptor.HEADER_BYTES];
        while (true) {
            in.readFully(bytes);
            ByteBuffer header = ByteBuffer.wrap(bytes);
            int length = header.getInt(Http2Descriptor.LENGTH_OFFSET) >>> Byte.SIZE;
            if (length > Http2Descriptor.MAX_PAYLOAD_BYTES) {
                throw new ProbeException("answered with something that is not HTTP/2");
            }
            byte[] payload = new byte[length];
            in.readFully(payload);
            int type = header.get(Http2Descriptor.TYPE_OFFSET);
            int flags = header.get(Http2Descriptor.FLAGS_OFFSET);
            boolean ours = (header.getInt(Http2Descriptor.STREAM_OFFSET) & Integer.MAX_VALUE) == STREAM;
            if (type == Http2Descriptor.DATA && ours) {
                writeData(message, flags, payload);
                Optional<String> status = GrpcHealthMessage.servingStatus(message.toByteArray());
                if (status.isPresent()) {
                    return status.get();
                }
            }
            refuseEnd(type, flags, ours);
            boolean isRequest = type == Http2Descriptor.SETTINGS || type == Http2Descriptor.PING;
            if (isRequest && (flags & Http2Descriptor.ACK) == 0) {
                out.write(frame(type, Http2Descriptor.ACK, 0, type == Http2Descriptor.PING ? payload : new byte[0]));
            }
        }
    }

    private static void writeData(ByteArrayOutputStream message, int flags, byte[] payload) throws ProbeException {
        boolean isPadded = (flags & Http2Descriptor.PADDED) != 0;
        int start = isPadded ? 1 : 0;
        int padding = isPadded && payload.length > 0 ? payload[0] & 0xff : 0;
        if (payload.length < start + padding) {
            throw new ProbeException("answered with something that is not HTTP/2");
        }
        message.write(payload, start, payload.length - start - padding);
    }

    private static void refuseEnd(int type, int flags, boolean ours) throws ProbeException {
        boolean carriesEnd = type == Http2Descriptor.DATA || type == Http2Descriptor.HEADERS;
        if (ours && carriesEnd && (flags & Http2Descriptor.END_STREAM) != 0) {
            throw new ProbeException(
                    "answered with an error in place of a health status: no such service, or no health service");
        }
        if (type == Http2Descriptor.GOAWAY || (ours && type == Http2Descriptor.RST_STREAM)) {
            throw new ProbeException("ended the connection without an answer");
        }
    }
}
