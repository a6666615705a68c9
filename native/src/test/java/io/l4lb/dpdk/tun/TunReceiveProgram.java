package io.l4lb.dpdk.tun;

/** Receives until that fails, and says why. */
final class TunReceiveProgram {
    private TunReceiveProgram() {}

    public static void main(String[] args) {
        try (TunDevice device = TunDevice.open(args[0])) {
            System.out.println("receiving");
            byte[] packet = new byte[TunDevice.PACKET_BYTES_MAX];
            try {
                while (device.receive(packet, 1000) >= 0) {
                    Thread.onSpinWait();
                }
            } catch (TunException e) {
                System.out.println(e.getMessage());
            }
            System.out.println("up: " + device.isUp());
        }
    }
}
