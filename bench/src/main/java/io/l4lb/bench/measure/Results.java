package io.l4lb.bench.measure;

import java.util.List;
import java.util.Map;

/**
 * What was measured, where and how.
 *
 * @param facts of machine and run, by name, in the order to print them
 * @param cells in the order they were asked for, all turns one after the other
 */
public record Results(Map<String, String> facts, List<CellResult> cells) {}
