/** {@code ./l4lb bench workers}: what a second worker costs the first. Cold. */
package io.l4lb.bench.workers;
