package io.l4lb.bench.rig;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** One worker a site, made when the first input asks for it. One thread. */
public final class Pipelines implements AutoCloseable {
    private final List<Site> sites;
    private final boolean measured;
    private final Devices devices = new Devices();
    private final Pipeline[] pipelines;
    private final Set<String> reached = new TreeSet<>();

    /** @param measured whether a worker that allocates breaks a promise: not if it is instrumented */
    public Pipelines(List<Site> sites, boolean measured) {
        this.measured = measured;
        this.sites = sites;
        pipelines = new Pipeline[sites.size()];
    }

    /**
     * Takes an input through the worker of its site.
     *
     * @throws io.l4lb.bench.strict.BrokenPromise if a promise was not kept; {@link #renew} before the next
     */
    public void run(FuzzInput input) {
        int site = input.site() % pipelines.length;
        if (pipelines[site] == null) {
            pipelines[site] = new Pipeline(sites.get(site), devices, measured);
        }
        pipelines[site].run(input);
    }

    /** Forgets all workers, and with them what inputs left behind. */
    public void renew() {
        for (int i = 0; i < pipelines.length; i++) {
            if (pipelines[i] != null) {
                pipelines[i].addReached(reached);
                pipelines[i].close();
                pipelines[i] = null;
            }
        }
    }

    /** {@return the labels of drop reasons and counters that were above zero in a worker that has been renewed} */
    public Set<String> reached() {
        return Collections.unmodifiableSet(reached);
    }

    @Override
    public void close() {
        renew();
        devices.close();
    }
}
