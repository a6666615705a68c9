package io.l4lb.bench.report;

import io.l4lb.bench.measure.CellResult;

/**
 * A cell's place in a report.
 *
 * @param series what it shares with others: a line of a plot for each contender
 * @param x what it differs in from the others of its series
 */
public record Row(String series, int x, CellResult result) {}
