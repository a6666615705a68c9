package io.l4lb.health.path;

import io.l4lb.dpdk.Memory;
import io.l4lb.forwarding.DestinationDescriptor;
import io.l4lb.forwarding.DestinationRecords;
import io.l4lb.health.probe.Way;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import java.util.Optional;

/** Encapsulated to a VIP's address on the backend. Any thread. */
final class TunnelWay implements Way {
    /** Frames are sent by the kernel, which writes its own; only l2 keeps the template's. */
    private static final MacAddress NO_MAC = new MacAddress(0);

    private final WaySpec spec;
    private final WaySpec.Tunnel tunnel;
    private final DataPath dataPath;
    private final LocalSource localSource;

    TunnelWay(WaySpec spec, DataPath dataPath) {
        this.spec = spec;
        this.tunnel = spec.tunnel().orElseThrow();
        this.dataPath = dataPath;
        this.localSource = new LocalSource(spec.backend(), isFrame());
    }

    @Override
    public IpAddress target() {
        return tunnel.vip();
    }

    /** The address that the kernel would use towards the backend: the backend can answer it. */
    @Override
    public Optional<IpAddress> source() {
        boolean sameFamily = tunnel.vip().ipv6() == spec.backend().ipv6();
        return spec.source().or(() -> sameFamily ? localSource.address() : Optional.empty());
    }

    @Override
    public IpAddress backend() {
        return spec.backend();
    }

    @Override
    public boolean needsClaim() {
        return true;
    }

    @Override
    public Optional<Claim> claim(int ipProtocol, int l4Port) {
        return dataPath.claim(tunnel.vip().ipv6(), ipProtocol, l4Port, this);
    }

    boolean isFrame() {
        return tunnel.destination().encapsulation() == Encapsulation.L2;
    }

    /** {@return the number of the interface that leads to the backend; 0: none does} */
    int interfaceIndex() {
        return localSource.interfaceIndex();
    }

    /** Writes a record of {@link DestinationDescriptor}, as the workers' tables have it. */
    void writeRecord(long record, int mtuBytes) {
        boolean isFrame = isFrame();
        Memory.fill(record, DestinationDescriptor.LENGTH_BYTES, (byte) 0);
        DestinationRecords.write(
                record,
                tunnel.destination(),
                isFrame ? localSource.mac().orElse(NO_MAC) : NO_MAC,
                isFrame ? tunnel.mac() : Optional.of(NO_MAC),
                tunnel.outerSource(),
                mtuBytes);
    }

    @Override
    public String toString() {
        return spec.toString();
    }
}
