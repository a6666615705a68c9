/** Checks against real servers. */
package io.l4lb.health.servers;
