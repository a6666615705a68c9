/** Results of comparisons as a table, as JSON and as a plot. Cold. */
package io.l4lb.bench.report;
