/** The routing daemon BIRD: its configuration written and checked, its sessions followed. Threads of its own. */
package io.l4lb.announce.bird;
