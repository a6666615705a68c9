/** Health checks in the lab: real backends, with real tunnels that break. */
package io.l4lb.health.lab;
