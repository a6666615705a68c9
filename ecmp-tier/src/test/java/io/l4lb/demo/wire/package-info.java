/** Labs in which real programs send what is no plain flow's packet, or too much of it: the kernel's, the router's, an attacker's. */
package io.l4lb.demo.wire;
