package io.l4lb.health.dns;

import io.l4lb.health.probe.Addresses;
import io.l4lb.health.probe.Deadline;
import io.l4lb.health.probe.OwnFaultException;
import io.l4lb.health.probe.Probe;
import io.l4lb.health.probe.ProbeException;
import io.l4lb.health.probe.Way;
import io.l4lb.packet.L4Descriptor;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** A query over UDP that is answered without error; whether the name has addresses does not matter. */
public record DnsProbe(int l4Port, String query) implements Probe {
    private static final int MAX_MESSAGE_BYTES = 4096;
    /** More that are not ours, and somebody is guessing. */
    private static final int MAX_DATAGRAMS = 16;

    private static final List<String> CODES =
            List.of("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED");

    @Override
    public String run(Way way, Deadline deadline) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(null)) {
            Addresses.bind(way, socket::bind);
            Optional<Way.Claim> claim = way.claim(L4Descriptor.UDP, socket.getLocalPort());
            if (claim.isEmpty() && way.needsClaim()) {
                throw new OwnFaultException("no free l4Port to check from");
            }
            try {
                return exchange(socket, way, deadline);
            } finally {
                claim.ifPresent(Way.Claim::close);
            }
        }
    }

    private String exchange(DatagramSocket socket, Way way, Deadline deadline) throws IOException {
        socket.connect(new InetSocketAddress(Addresses.of(way.target()), l4Port));
        byte[] question = question();
        socket.send(new DatagramPacket(question, question.length));
        DatagramPacket answer = new DatagramPacket(new byte[MAX_MESSAGE_BYTES], MAX_MESSAGE_BYTES);
        for (int i = 0; i < MAX_DATAGRAMS; i++) {
            socket.setSoTimeout(deadline.leftMs());
            socket.receive(answer);
            ByteBuffer message = ByteBuffer.wrap(answer.getData(), 0, answer.getLength());
            if (answers(message, question)) {
                int code = message.getShort(DnsMessageDescriptor.FLAGS_OFFSET) & DnsMessageDescriptor.CODE_MASK;
                String word = code < CODES.size() ? CODES.get(code) : "code " + code;
                if (code != 0) {
                    throw new ProbeException("answered with " + word);
                }
                return word;
            }
        }
        throw new ProbeException("answered with something that is no answer to the query");
    }

    private static boolean answers(ByteBuffer message, byte[] question) {
        int end = question.length;
        return message.limit() >= end
                && message.getShort(DnsMessageDescriptor.ID_OFFSET)
                        == ByteBuffer.wrap(question).getShort(DnsMessageDescriptor.ID_OFFSET)
                && (message.getShort(DnsMessageDescriptor.FLAGS_OFFSET) & DnsMessageDescriptor.IS_ANSWER) != 0
                && message.getShort(DnsMessageDescriptor.QUESTION_COUNT_OFFSET) == 1;
    }

    private byte[] question() {
        boolean isRoot = ".".equals(query);
        ByteBuffer message = ByteBuffer.allocate(DnsMessageDescriptor.QUESTION_OFFSET + query.length() + 2 + 4);
        message.putShort((short) ThreadLocalRandom.current().nextInt());
        message.putShort((short) DnsMessageDescriptor.RECURSION_DESIRED);
        message.putShort((short) 1).putShort((short) 0).putShort((short) 0).putShort((short) 0);
        if (!isRoot) {
            for (String label : query.split("\\.", -1)) {
                message.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
            }
        }
        message.put((byte) 0);
        message.putShort((short) (isRoot ? DnsMessageDescriptor.TYPE_NS : DnsMessageDescriptor.TYPE_A));
        message.putShort((short) DnsMessageDescriptor.CLASS_IN);
        return Arrays.copyOf(message.array(), message.position());
    }
}
