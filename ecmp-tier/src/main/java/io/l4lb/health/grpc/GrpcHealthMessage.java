package io.l4lb.health.grpc;

import io.l4lb.health.probe.ProbeException;
import io.l4lb.health.probe.ProbeSocket;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The two messages of {@code grpc.health.v1} as gRPC carries them.
 *
 * <pre>
 * 0  compressed        1   0
 * 1  length            4   network byte order
 * 5  protobuf message      request: field 1, string service; answer: field 1, enum status
 * </pre>
 */
final class GrpcHealthMessage {
    private static final int PREFIX_BYTES = 5;
    private static final int SERVICE_TAG = (1 << 3) | 2;
    private static final int STATUS_FIELD = 1;
    private static final int SERVING = 1;
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;

    private GrpcHealthMessage() {}

    static byte[] request(String service) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        if (!service.isEmpty()) {
            byte[] name = service.getBytes(StandardCharsets.US_ASCII);
            message.write(SERVICE_TAG);
            writeVarint(message, name.length);
            message.writeBytes(name);
        }
        return ByteBuffer.allocate(PREFIX_BYTES + message.size())
                .put((byte) 0)
                .putInt(message.size())
                .put(message.toByteArray())
                .array();
    }

    private static void writeVarint(ByteArrayOutputStream out, int value) {
        int rest = value;
        while (rest >= 0x80) {
            out.write((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }

    /**
     * {@return "SERVING", or empty while the answer is not whole}
     *
     * @throws ProbeException for any other status, and for what is no answer
     */
    static Optional<String> servingStatus(byte[] bytes) throws ProbeException {
        if (bytes.length < PREFIX_BYTES) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.get() != 0) {
            throw new ProbeException("answered with a compressed message, which was not asked for");
        }
        int length = in.getInt();
        if (length < 0 || length > ProbeSocket.MAX_BYTES) {
            throw new ProbeException("answered with something that is not gRPC");
        }
        if (in.remaining() < length) {
            return Optional.empty();
        }
        in.limit(in.position() + length);
        long status;
        try {
            status = status(in);
        } catch (BufferUnderflowException | IllegalArgumentException _) {
            throw new ProbeException("answered with a message that makes no sense");
        }
        if (status != SERVING) {
            throw new ProbeException("answered with " + (status == 2 ? "NOT_SERVING" : "status " + status));
        }
        return Optional.of("SERVING");
    }

    /** The last value of the field counts, as protobuf has it; none is 0, unknown. */
    private static long status(ByteBuffer in) {
        long status = 0;
        while (in.hasRemaining()) {
            long tag = varint(in);
            int wireType = (int) tag & 7;
            if (wireType == VARINT) {
                long value = varint(in);
                status = (tag >>> 3) == STATUS_FIELD ? value : status;
            } else {
                in.position(in.position() + lengthOf(in, wireType));
            }
        }
        return status;
    }

    private static int lengthOf(ByteBuffer in, int wireType) {
        return switch (wireType) {
            case FIXED64 -> Long.BYTES;
            case FIXED32 -> Integer.BYTES;
            case LENGTH_DELIMITED -> Math.toIntExact(Math.clamp(varint(in), 0, Integer.MAX_VALUE / 2));
            default -> throw new IllegalArgumentException("no such wire type");
        };
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = in.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number without end");
    }
}
