package io.l4lb.bench.strict;

import static io.l4lb.bench.strict.BrokenPromise.unless;

import io.l4lb.config.VipConfig;
import io.l4lb.net.Encapsulation;
import java.util.Arrays;
import java.util.List;

/** Compares what left with the frame that came: an encapsulated packet, one to the segment, or an answer of the node's own. */
public final class SentCheck {
    private SentCheck() {}

    /**
     * Fails if what left is not what may become of what came.
     *
     * @param left one frame, or all fragments of one packet in order
     * @throws BrokenPromise with what is wrong, and the bytes
     */
    public static void check(byte[] came, List<byte[]> left, Service service) {
        try {
            ClientPacket packet = ClientPacket.read(came);
            for (byte[] frame : left) {
                unless(frame.length >= 14 && Wire.same(frame, 6, service.mac(), 0, 6), "source MAC");
            }
            any(packet, left, service);
        } catch (BrokenPromise e) {
            throw e.about(came, left.getFirst());
        } catch (IndexOutOfBoundsException e) {
            throw new BrokenPromise("cut short: " + e.getMessage()).about(came, left.getFirst());
        }
    }

    /** An answer can look like a packet to the segment if a client gives itself the VIP's address; it must be right as one. */
    private static void any(ClientPacket came, List<byte[]> left, Service service) {
        boolean toSegment = service.vipsOf(came).stream().anyMatch(vip -> service.isBackendMac(vip, left.getFirst()));
        if (left.size() == 1 && isAnswer(came, left.getFirst(), service)) {
            try {
                Answer.check(came, left.getFirst(), service);
                return;
            } catch (BrokenPromise e) {
                if (!toSegment) {
                    throw e;
                }
            }
        }
        List<byte[]> untagged = left.stream().map(service::untagged).toList();
        if (toSegment) {
            Segment.check(came, untagged, service);
        } else {
            encapsulated(came, untagged, service);
        }
    }

    private static boolean isAnswer(ClientPacket came, byte[] frame, Service service) {
        try {
            return Answer.isLikely(came, frame, service);
        } catch (BrokenPromise e) {
            return false;
        }
    }

    private static void encapsulated(ClientPacket came, List<byte[]> left, Service service) {
        for (byte[] frame : left) {
            unless(frame.length - 14 <= service.mtuBytes(), "too big for the link");
        }
        OuterPacket outer = OuterPacket.read(left, service);
        Tunnel tunnel = Tunnel.read(outer);
        unless(outer.trafficClass() == came.trafficClass(), "DSCP and ECN");
        unless(Arrays.equals(tunnel.inner(), came.packet()), "inner packet");
        unless(
                service.vipsOf(came).stream().anyMatch(vip -> isRight(vip, tunnel, service)),
                "encapsulation or backend");
    }

    private static boolean isRight(VipConfig vip, Tunnel tunnel, Service service) {
        return vip.encapsulation() == tunnel.kind()
                && (tunnel.kind() != Encapsulation.GUE || vip.guePort() == tunnel.guePort())
                && service.backends(vip).stream()
                        .anyMatch(backend -> Arrays.equals(backend.address().bytes(), tunnel.backend()));
    }
}
