/** {@code ./l4lb bench stall}: for how long a worker does not come round, beside a loop in C. Cold. */
package io.l4lb.bench.stall;
