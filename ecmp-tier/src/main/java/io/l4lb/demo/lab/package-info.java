/**
 * The lab of {@code vagrant/netns/lab.sh} from Java: its namespaces, the nodes in them, and curl in the client's.
 *
 * <p>Cold code, for the demo and the integration tests. Everything here needs root.
 */
package io.l4lb.demo.lab;
