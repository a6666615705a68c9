package io.l4lb.bench.measure;

import io.l4lb.bench.contender.Sample;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The samples of all contenders in one cell, in the order of rounds. The Java contender is the first. */
public final class CellResult {
    public static final String JAVA = "java";

    private final Cell cell;
    private final Map<String, List<Sample>> samples = new LinkedHashMap<>();

    CellResult(Cell cell, List<String> contenders) {
        this.cell = cell;
        contenders.forEach(contender -> samples.put(contender, new ArrayList<>()));
    }

    void add(String contender, Sample sample) {
        samples.get(contender).add(sample);
    }

    public Cell cell() {
        return cell;
    }

    public List<String> contenders() {
        return List.copyOf(samples.keySet());
    }

    public List<Sample> samples(String contender) {
        return samples.get(contender);
    }

    public Spread spread(String contender, ToDoubleFunction<Sample> value) {
        return Spread.of(samples.get(contender).stream().mapToDouble(value).toArray());
    }

    /** {@return CPU time per packet of Java over that of {@code contender}, round by round} */
    public List<Double> ratios(String contender) {
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < samples.get(contender).size(); round++) {
            ratios.add(samples.get(JAVA).get(round).nsPerPacket()
                    / samples.get(contender).get(round).nsPerPacket());
        }
        return ratios;
    }
}
