/** {@code ./l4lb bench growth}: the cost per packet as flows, VIPs, backends, frames, bursts or load of the table grow. Cold. */
package io.l4lb.bench.growth;
