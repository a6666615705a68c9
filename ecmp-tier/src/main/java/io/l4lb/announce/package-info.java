/**
 * Telling the routers: a VIP that this node can serve has a route through the node's tun device, in a table of the kernel's own
 * for that purpose; a routing daemon announces what is there. To withdraw is to remove the route, and when the process dies
 * the kernel removes the device and all routes with it.
 *
 * <pre>
 * node, backends, drain ─► Announcer ─► VipRoutes ─► kernel table 198 ─► BIRD or FRR ─► routers
 * workers' progress ─► l4lb-watchdog (a process of its own) ─► tun device down
 * </pre>
 */
package io.l4lb.announce;
