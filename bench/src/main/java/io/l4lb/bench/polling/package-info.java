/**
 * The Java contender: the product's worker, or a floor beneath it, polling in a process of its own. It is started with the
 * command line of its twin in C ({@code bench/src/main/c/lbtwin.c}) and obeys the same lines.
 */
package io.l4lb.bench.polling;
