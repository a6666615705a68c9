package io.l4lb.demo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeCountersTest {
    @Test
    void workersAndPoolsAreSummed() {
        NodeCounters counters = NodeCounters.parse("""
                {"node":"lb1",
                 "workers":[
                  {"worker":0,"rxPackets":10,"txPackets":8,"fragments":2,"fragmentsReleased":1,"tunnelErrors":4,
                   "tunnelErrorsTold":3,"tooBigReplies":2,"outerFragments":1,"flowMisses":3,"flowEvictions":2,"flowUnpinned":7,"flowRepins":1,"drops":{"fragment-tiny":2}},
                  {"worker":1,"rxPackets":5,"txPackets":5,"fragments":3,"fragmentsReleased":0,"tunnelErrors":4,
                   "tunnelErrorsTold":3,"tooBigReplies":2,"outerFragments":1,"flowMisses":1,"flowEvictions":1,"flowUnpinned":0,"flowRepins":0,"drops":{}}],
                 "vips":[{"name":"v","packets":13,"bytes":900}],
                 "backends":[
                  {"pool":"a","name":"web1","packets":6,"bytes":1},{"pool":"b","name":"web1","packets":4,"bytes":1},
                  {"pool":"a","name":"web2","packets":3,"bytes":1}]}""");
        assertThat(counters)
                .isEqualTo(new NodeCounters(
                        15,
                        13,
                        5,
                        1,
                        8,
                        6,
                        4,
                        2,
                        4,
                        3,
                        7,
                        1,
                        Map.of("fragment-tiny", 2L),
                        Map.of("web1", 10L, "web2", 3L)));
    }
}
