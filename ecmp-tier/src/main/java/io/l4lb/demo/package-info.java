/**
 * {@code l4lb demo}: the product's main job on real parts in network namespaces, for somebody who has never seen it.
 *
 * <p>{@link io.l4lb.demo.Demo} is the entry; {@code DemoRun} does the steps and collects a {@code DemoReport};
 * {@code DemoText} is all that people read. {@code BackendEvents} and {@code DemoEvents} are
 * what happens to backends and nodes. The lab itself is in {@code io.l4lb.demo.lab}.
 */
package io.l4lb.demo;
