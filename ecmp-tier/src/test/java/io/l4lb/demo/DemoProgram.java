package io.l4lb.demo;

/** The demo as a process of its own, for a test that ends it. */
final class DemoProgram {
    private DemoProgram() {}

    public static void main(String[] args) {
        System.exit(Demo.run(new DemoOptions(args.length > 0), System.out));
    }
}
