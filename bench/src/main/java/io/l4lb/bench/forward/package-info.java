/** {@code ./l4lb bench forward}: the data plane's cost per packet beside its yardsticks, round by round. Cold. */
package io.l4lb.bench.forward;
