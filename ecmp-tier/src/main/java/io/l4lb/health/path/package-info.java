/**
 * The ways that checks take.
 *
 * <pre>
 * via: address     socket ─► kernel's routes ─► backend
 *
 * via: dataplane   socket to the VIP, from a claimed l4Port
 *                    ▼ policy rule and route of our own table
 *                  tun device ─► DataPath: which backend has that l4Port? ─► OuterPackets: the data plane's encoder
 *                                                                               ▼ raw socket, kernel's routes
 *                  socket ◄── plainly, as to a client ── backend: decapsulates, has the VIP's address
 * </pre>
 */
package io.l4lb.health.path;
