/**
 * A cluster on one thread: routers, nodes, backends and clients, moved by one seed. The pin stage, the flow tables, replication, its
 * peers' state machines and journals are the product's; devices, sockets, disks, threads and clocks are not.
 */
package io.l4lb.bench.simulation;
