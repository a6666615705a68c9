package io.l4lb.bench.polling;

/** Runs a {@link Pass} until told to stop: for modes that are not the product's worker what its WorkerLoop is for that. */
final class PassLoop implements Runnable {
    private final Pass pass;
    private volatile boolean running = true;

    PassLoop(Pass pass) {
        this.pass = pass;
    }

    @Override
    public void run() {
        while (running) {
            pass.run();
        }
    }

    /** Any thread. */
    void stop() {
        running = false;
    }
}
