/** Echo requests by raw sockets. */
package io.l4lb.health.ping;
