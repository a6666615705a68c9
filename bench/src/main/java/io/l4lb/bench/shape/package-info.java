/** What the contenders of the forwarding benchmark are asked to do: mode, addresses, sizes; the same for all of them. */
package io.l4lb.bench.shape;
