package io.l4lb.peer.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.peer.Ending;
import io.l4lb.peer.PeerCounters;
import io.l4lb.peer.PeerCounters.Count;
import io.l4lb.peer.frame.FrameDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What may come to the l4Port of a node, and what it gets. */
class BadCallersTest {
    private static final int PATIENCE_MS = 20_000;
    private TestNode node;
    private TestNode good;
    private final List<Socket> callers = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        node = new TestNode("lb1");
        good = new TestNode("lb2");
        node.startHasty(good.as("lb2"));
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket caller : callers) {
            caller.close();
        }
        node.close();
        good.close();
    }

    private Socket call() throws IOException {
        Socket socket = new Socket();
        callers.add(socket);
        // Another address than the configured peer's.
        socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.2"), 0));
        socket.connect(node.listen().socketAddress(), PATIENCE_MS);
        socket.setSoTimeout(PATIENCE_MS);
        return socket;
    }

    private static void say(Socket socket, ByteBuffer words) throws IOException {
        byte[] bytes = new byte[words.position()];
        words.get(0, bytes);
        socket.getOutputStream().write(bytes);
    }

    private static ByteBuffer frame(int length, int kind) {
        return ByteBuffer.allocate(400)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(length)
                .put((byte) kind);
    }

    private static ByteBuffer hello(int major, String cluster, String from) {
        ByteBuffer frame = frame(0, FrameDescriptor.HELLO)
                .putLong(FrameDescriptor.MAGIC)
                .putShort((short) major)
                .putLong(-1)
                .putLong(0)
                .putLong(-1)
                .putLong(0);
        for (String name : List.of(cluster, from, "lb1")) {
            frame.put((byte) name.length()).put(name.getBytes(StandardCharsets.US_ASCII));
        }
        return frame.putInt(0, frame.position() - FrameDescriptor.UNCOUNTED_BYTES);
    }

    /** {@return how many bytes came before the node closed} */
    private static int untilClosed(Socket socket) throws IOException {
        try {
            return socket.getInputStream().readAllBytes().length;
        } catch (java.net.SocketException e) {
            // Reset, because it had not read all.
            return 0;
        }
    }

    private void expect(ByteBuffer words, Ending ending) throws Exception {
        Socket socket = call();
        say(socket, words);
        untilClosed(socket);
        PeerCounters strangers = node.group().strangers();
        TestNode.await(ending.label(), () -> strangers.endings(ending) > 0);
    }

    @Test
    void garbageIsRefused() throws Exception {
        expect(frame(100, 77).put(new byte[99]), Ending.MALFORMED);
    }

    @Test
    void anHttpRequestIsRefused() throws Exception {
        byte[] request = "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        expect(ByteBuffer.allocate(100).put(request), Ending.WRONG_LENGTH);
    }

    @Test
    void aLengthOfTwoToThe31IsRefusedAtOnce() throws Exception {
        expect(frame(Integer.MIN_VALUE, FrameDescriptor.HELLO), Ending.WRONG_LENGTH);
    }

    @Test
    void halfAFrameIsNotWaitedForForEver() throws Exception {
        ByteBuffer hello = hello(FrameDescriptor.MAJOR_VERSION, "edge", "lb2");
        expect(hello.position(hello.position() / 2), Ending.SILENT);
    }

    @Test
    void anotherMajorVersionIsRefused() throws Exception {
        expect(hello(FrameDescriptor.MAJOR_VERSION + 1, "edge", "lb2"), Ending.OTHER_VERSION);
    }

    @Test
    void anotherClusterIsRefused() throws Exception {
        expect(hello(FrameDescriptor.MAJOR_VERSION, "core", "lb2"), Ending.OTHER_CLUSTER);
    }

    @Test
    void aNodeThatIsNotConfiguredIsRefused() throws Exception {
        expect(hello(FrameDescriptor.MAJOR_VERSION, "edge", "lb7"), Ending.UNKNOWN_PEER);
    }

    @Test
    void callersThatSayNothingKeepNobodyOut() throws Exception {
        List<Socket> silent = new ArrayList<>();
        for (int count = 0; count < 20; count++) {
            silent.add(call());
        }
        good.start(node.as("lb1"));

        TestNode.await("the peer follows", () -> good.peer("lb1").hasCaughtUp());
        for (Socket socket : silent) {
            untilClosed(socket);
        }
        PeerCounters strangers = node.group().strangers();
        TestNode.await(
                "all are refused", () -> strangers.endings(Ending.SILENT) + strangers.endings(Ending.CROWDED) == 20);
        assertThat(strangers.endings(Ending.CROWDED)).isEqualTo(20 - Acceptor.MAX_STRANGERS);
    }

    @Test
    void aPeerThatDoesNotReadHoldsNothingButItsJournal() throws Exception {
        Socket slow = call();
        ByteBuffer hello = hello(FrameDescriptor.MAJOR_VERSION, "edge", "lb2");
        say(slow, hello);
        ByteBuffer beat = frame(1, FrameDescriptor.BEAT);
        for (int count = 0; count < 400; count++) {
            node.journal.append(count, count, 100_000);
            say(slow, beat);
            Thread.sleep(2);
        }

        PeerStatus peer = node.peer("lb2");
        // 40 MB were journaled; a window of 1 MiB and the batch that crosses it were sent.
        assertThat(peer.counters().get(Count.BYTES_OUT)).isBetween(1_000_000L, 1_300_000L);
        assertThat(peer.unacknowledged()).isBetween(10, 12);
    }

    @Test
    void aNewerConnectionOfAPeerTakesThePlaceOfTheOlder() throws Exception {
        Socket older = call();
        ByteBuffer hello = hello(FrameDescriptor.MAJOR_VERSION, "edge", "lb2");
        say(older, hello);
        TestNode.await("followed", () -> node.peer("lb2").counters().get(Count.CONNECTIONS) == 1);
        Socket newer = call();
        say(newer, hello);

        assertThat(untilClosed(older)).isPositive();
        TestNode.await("replaced", () -> node.peer("lb2").counters().endings(Ending.REPLACED) == 1);
        assertThat(newer.getInputStream().read()).isNotNegative();
    }
}
