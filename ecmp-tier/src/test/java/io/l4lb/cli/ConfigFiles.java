package io.l4lb.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Configuration files for the commands to read. */
final class ConfigFiles {
    static final String VALID = """
            node: {id: lb1, stateDirectory: STATE}
            dataplane:
              ethPorts: [{name: edge, device: net_null0}]
              outerSource: {ipv4: 192.0.2.1, ipv6: "2001:db8::1"}
              nextHop: "02:00:00:00:00:01"
              flowTable: {flows: 1024}
            pools:
              - name: web
                backends:
                  - {name: web1, address: 10.0.0.11}
                  - {name: web2, address: "2001:db8:1::12"}
              - name: empty
                backends:
                  - {name: gone, address: 10.0.0.13, weight: 0}
            vips:
              - {name: web, address: 198.51.100.1, l4Port: 443, pool: web}
              - {name: web-v6, address: "2001:db8:2::1", l4Port: 443, pool: web, encapsulation: gue}
              - {name: shut, address: 198.51.100.2, l4Port: 443, pool: empty}
            """;

    private ConfigFiles() {}

    /** {@return a file without faults whose state directory is below {@code directory}} */
    static Path valid(Path directory) throws IOException {
        return write(directory, VALID);
    }

    static Path write(Path directory, String text) throws IOException {
        return Files.writeString(
                directory.resolve("lb.yaml"),
                text.replace("STATE", directory.resolve("state").toString()));
    }
}
