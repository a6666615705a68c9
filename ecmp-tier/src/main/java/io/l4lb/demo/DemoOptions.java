package io.l4lb.demo;

/**
 * What the command line says about the demo.
 *
 * @param json print one JSON document at the end, and nothing for people
 */
public record DemoOptions(boolean json) {}
