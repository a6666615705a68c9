package io.l4lb.bench.simulation;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.FlowTableConfig;
import io.l4lb.config.IdleMode;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.NodeConfig;
import io.l4lb.config.OuterSourceConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.forwarding.BackendUse;
import io.l4lb.forwarding.MaglevTables;
import io.l4lb.net.Affinity;
import io.l4lb.net.BackendState;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import io.l4lb.net.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** The backends as they are; nodes have older views of them. */
final class Backends {
    static final MacAddress NEXT_HOP = new MacAddress(0x02_00_00_00_00_01L);
    static final int L4_PORT = 443;

    /** By {@link Flow#vip}. */
    static final List<VipConfig> VIPS = List.of(
            vip("tcp4", IpAddress.ipv4(0xc6_33_64_01), Protocol.TCP),
            vip("udp4", IpAddress.ipv4(0xc6_33_64_01), Protocol.UDP),
            vip("tcp6", IpAddress.ipv6(0x2001_0db8_000f_0000L, 1), Protocol.TCP));

    private static final int FIRST_ADDRESS = 0x0a_40_00_01; // 10.64.0.1
    private static final int ABSENT = -1;
    private static final int[] WEIGHTS = {0, 50, 100, 200};
    private static final int[] TABLE_SIZES = {1009, 65_537, 655_373};
    /** Slots a backend, at least: enough that weights differ. */
    private static final int SLOTS_A_BACKEND = 30;

    /** What a node believes. {@code weights}: {@link #ABSENT}: not configured. {@code tables}: filled once for all nodes that believe it. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never written after it was made
    record View(int[] weights, boolean[] up, MaglevTables tables) {
        boolean isUsable(int backend) {
            return weights[backend] != ABSENT && up[backend];
        }

        BackendUse use() {
            return new BackendUse() {
                @Override
                public int weight(PoolConfig pool, BackendConfig backend) {
                    return backend.weight();
                }

                @Override
                public BackendState state(PoolConfig pool, BackendConfig backend) {
                    return up[index(backend.address())] ? BackendState.UP : BackendState.DOWN;
                }
            };
        }
    }

    private final int tableSize;
    private View view;

    /** One in three of the numbers is for backends that are added later. */
    Backends(int count) {
        int[] weights = new int[count + Math.max(2, count / 2)];
        boolean[] up = new boolean[weights.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = i < count ? 100 : ABSENT;
            up[i] = true;
        }
        view = new View(weights, up, new MaglevTables());
        int size = 0;
        while (size < TABLE_SIZES.length - 1 && TABLE_SIZES[size] < weights.length * SLOTS_A_BACKEND) {
            size++;
        }
        tableSize = TABLE_SIZES[size];
    }

    static int index(IpAddress address) {
        return (int) address.low() - FIRST_ADDRESS;
    }

    static IpAddress address(int index) {
        return IpAddress.ipv4(FIRST_ADDRESS + index);
    }

    int count() {
        return view.weights.length;
    }

    View view() {
        return view;
    }

    boolean isAlive(int backend) {
        return view.isUsable(backend);
    }

    /** Changes one backend; {@return what happened, for people} */
    String change(SplittableRandom random) {
        int backend = random.nextInt(count());
        int kind = random.nextInt(4);
        int weight = WEIGHTS[random.nextInt(WEIGHTS.length)];
        int[] weights = view.weights.clone();
        boolean[] up = view.up.clone();
        if (weights[backend] == ABSENT) {
            weights[backend] = 100;
            up[backend] = true;
        } else if (kind == 0) {
            weights[backend] = ABSENT;
        } else if (kind == 1 || !up[backend]) {
            up[backend] = !up[backend];
        } else {
            weights[backend] = weight;
        }
        View next = new View(weights, up, new MaglevTables());
        if (takers(next) < 2) {
            return "no change of backends";
        }
        view = next;
        return "backend " + backend + ": weight " + weights[backend] + (up[backend] ? ", up" : ", down");
    }

    private static int takers(View view) {
        int takers = 0;
        for (int i = 0; i < view.weights.length; i++) {
            takers += view.up[i] && view.weights[i] > 0 ? 1 : 0;
        }
        return takers;
    }

    /** {@return a node's configuration} */
    L4lbConfig config(View of, int flows, int idleSeconds) {
        DataplaneConfig dataplane = new DataplaneConfig(
                List.of(),
                List.of(),
                1,
                List.of(),
                IdleMode.SPIN,
                new OuterSourceConfig(Optional.of(IpAddress.ipv4(0xc0_00_02_01)), Optional.empty()),
                Optional.of(NEXT_HOP),
                DataplaneConfig.DEFAULT_MTU_BYTES,
                new FlowTableConfig(flows, idleSeconds, idleSeconds),
                DataplaneConfig.DEFAULT_PUNT_PACKETS_PER_SECOND);
        List<BackendConfig> backends = new ArrayList<>();
        for (int i = 0; i < of.weights.length; i++) {
            if (of.weights[i] != ABSENT) {
                backends.add(new BackendConfig("b" + i, address(i), of.weights[i], Optional.empty()));
            }
        }
        PoolConfig pool = new PoolConfig("pool", tableSize, backends, Optional.empty(), 0);
        return new L4lbConfig(
                new NodeConfig("simulated", NodeConfig.DEFAULT_STATE_DIRECTORY, false), dataplane, List.of(pool), VIPS);
    }

    private static VipConfig vip(String name, IpAddress address, Protocol protocol) {
        return new VipConfig(
                name,
                address,
                protocol,
                L4_PORT,
                "pool",
                Encapsulation.IPIP,
                VipConfig.DEFAULT_GUE_PORT,
                Affinity.FLOW,
                VipConfig.WhenAllDown.FORWARD);
    }
}
