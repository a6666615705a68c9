/** The threads and sockets of replication: who dials, who answers, who the peers are at present, and how they are. */
package io.l4lb.peer.group;
