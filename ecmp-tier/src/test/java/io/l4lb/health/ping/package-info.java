/** Ping checks on this machine. */
package io.l4lb.health.ping;
