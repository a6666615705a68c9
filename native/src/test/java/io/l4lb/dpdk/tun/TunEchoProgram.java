package io.l4lb.dpdk.tun;

import java.math.BigInteger;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Makes a tun device and a route, sends a datagram to the route's address, and answers it from the device's other end. */
final class TunEchoProgram {
    private static final int VERSION_BITS = 4;
    private static final int IPV6_DESTINATION = 24;
    private static final int IPV4_DESTINATION = 16;

    private TunEchoProgram() {}

    public static void main(String[] args) throws Exception {
        byte[] address = InetAddress.getByName(args[1]).getAddress();
        try (TunDevice device = TunDevice.open(args[0]);
                TunRoutes routes = new TunRoutes(device.interfaceIndex(), 254, 198, 4000)) {
            routes.put(address);
            routes.put(address);
            System.out.println("route made");
            System.out.println("answer: " + roundTrip(device, InetAddress.getByName(args[1])));
            routes.remove(address);
            routes.remove(address);
            System.out.println("route removed");
            System.out.println("nothing comes: " + device.receive(new byte[TunDevice.PACKET_BYTES_MAX], 100));
            device.setUp(false);
            System.out.println("up: " + device.isUp());
            device.setUp(true);
            System.out.println("up: " + device.isUp());
            routes.put(address);
            System.out.println("ready");
            Thread.sleep(Duration.ofSeconds(60));
        }
    }

    private static String roundTrip(TunDevice device, InetAddress to) throws Exception {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(5000);
            byte[] words = "there and back".getBytes(StandardCharsets.US_ASCII);
            socket.send(new DatagramPacket(words, words.length, to, 7));
            byte[] packet = new byte[TunDevice.PACKET_BYTES_MAX];
            int length;
            do {
                length = device.receive(packet, 5000);
            } while (length > 0 && !isTo(packet, to.getAddress()));
            turn(packet, to.getAddress().length);
            System.out.println("sent: " + device.send(packet, length));
            DatagramPacket answer = new DatagramPacket(new byte[100], 100);
            socket.receive(answer);
            return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII);
        }
    }

    private static boolean isTo(byte[] packet, byte[] address) {
        int destination = packet[0] >> VERSION_BITS == 6 ? IPV6_DESTINATION : IPV4_DESTINATION;
        return new BigInteger(address).equals(new BigInteger(packet, destination, address.length));
    }

    /** Source and destination change places, which leaves the checksums right. */
    private static void turn(byte[] packet, int addressBytes) {
        int destination = addressBytes == 4 ? IPV4_DESTINATION : IPV6_DESTINATION;
        swap(packet, destination - addressBytes, destination, addressBytes);
        int l4 = destination + addressBytes;
        swap(packet, l4, l4 + 2, 2);
    }

    private static void swap(byte[] bytes, int a, int b, int count) {
        for (int i = 0; i < count; i++) {
            byte kept = bytes[a + i];
            bytes[a + i] = bytes[b + i];
            bytes[b + i] = kept;
        }
    }
}
