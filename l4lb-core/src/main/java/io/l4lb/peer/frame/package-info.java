/** The frames between peers: their layout, and the bounded buffers that they are read from and written to. */
package io.l4lb.peer.frame;
