/** A node beside real routing daemons, in namespaces: BIRD and FRR. */
package io.l4lb.node.routing;
