package io.l4lb.announce.bird;

import io.l4lb.announce.bird.BirdPrograms.Answer;
import io.l4lb.announce.bird.BirdReply.Protocol;
import io.l4lb.announce.bird.BirdStatus.Session;
import io.l4lb.config.announce.AnnounceConfig;
import io.l4lb.config.announce.BirdConfig;
import io.l4lb.config.announce.BirdConfig.NeighbourConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the system's BIRD told: writes the file that its configuration includes, has it checked before, has the daemon read it,
 * and follows sessions. Whatever is wrong with the daemon is said and tried again; it never stops the node. A thread of its
 * own; {@link #status} and {@link #configure} for any.
 */
public final class BirdDaemon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BirdDaemon.class);
    private static final int MAJOR_MIN = 2;
    private static final int LOOK_SECONDS = 1;

    private final String nodeId;
    private final String path;
    private final Thread thread = new Thread(this::run, "bird");
    private volatile AnnounceConfig config;
    private volatile BirdStatus status = new BirdStatus("", "not asked yet", List.of());
    private volatile boolean closed;
    /** Of the file as the daemon has read it last. */
    private String toldText = "";

    public BirdDaemon(String nodeId, AnnounceConfig config) {
        this(nodeId, config, BirdPrograms.searched());
    }

    /** @param path where BIRD's programs are looked for */
    BirdDaemon(String nodeId, AnnounceConfig config, String path) {
        this.nodeId = nodeId;
        this.path = path;
        this.config = config;
    }

    public void start() {
        thread.setDaemon(true);
        thread.start();
    }

    /** Takes a new configuration at the next look. */
    public void configure(AnnounceConfig next) {
        config = next;
    }

    public BirdStatus status() {
        return status;
    }

    private void run() {
        while (!closed) {
            BirdStatus now = look(config);
            if (closed) {
                return; // by which the look was cut short
            }
            if (!now.problem().equals(status.problem())) {
                if (now.problem().isEmpty()) {
                    LOG.info("BIRD {} announces what it is told", now.version());
                } else {
                    LOG.error("{}; forwarding goes on, tried again every second", now.problem());
                }
            }
            status = now;
            try {
                TimeUnit.SECONDS.sleep(LOOK_SECONDS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** One look at the daemon; makes it read the file where it has not. */
    BirdStatus look(AnnounceConfig announce) {
        BirdConfig bird = announce.bird().orElseThrow();
        BirdPrograms programs = new BirdPrograms(bird.controlSocket(), path);
        String version = "";
        try {
            String problem = write(announce, programs);
            Answer hello = programs.ask("show status");
            version = BirdReply.version(hello.text());
            if (!hello.ok() || version.isEmpty()) {
                return failed(
                        bird,
                        "",
                        "BIRD does not answer on " + bird.controlSocket() + " (" + hello.lastLine()
                                + "): start it, or set announce.controlSocket");
            } else if (BirdReply.major(version) < MAJOR_MIN) {
                return failed(bird, version, "BIRD " + version + " is too old: 2.0 or newer is needed");
            }
            List<Protocol> protocols = protocols(programs);
            if (problem.isEmpty()) {
                problem = tell(announce, programs, protocols);
                protocols = protocols(programs);
            }
            if (problem.isEmpty()) {
                problem = otherBfd(bird, protocols);
            }
            return new BirdStatus(version, problem, sessions(bird, programs, protocols));
        } catch (IOException e) {
            return failed(bird, version, "BIRD cannot be asked: " + e.getMessage() + " (is bird2 installed?)");
        }
    }

    private static BirdStatus failed(BirdConfig bird, String version, String problem) {
        List<Session> unknown = bird.neighbours().stream()
                .map(neighbour -> new Session(neighbour.address().toString(), neighbour.as(), "unknown", "", "unknown"))
                .toList();
        return new BirdStatus(version, problem, unknown);
    }

    private static List<Protocol> protocols(BirdPrograms programs) throws IOException {
        return BirdReply.protocols(programs.ask("show protocols").text());
    }

    /** Writes the file when it is not what it should be, and only a text that BIRD takes; {@return what is wrong}. */
    private String write(AnnounceConfig announce, BirdPrograms programs) throws IOException {
        Path file = announce.bird().orElseThrow().configFile();
        String text = BirdFile.text(nodeId, announce);
        if (Files.isReadable(file) && Files.readString(file).equals(text)) {
            return "";
        }
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(next, text);
            Answer check = programs.check(next);
            if (!check.ok()) {
                return "BIRD refuses the configuration written for it: " + check.lastLine() + " (kept as " + next + ")";
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            toldText = "";
            return "";
        } catch (IOException e) {
            return "announce.configFile " + file + " cannot be written: " + e;
        }
    }

    /** Has the daemon read its configuration if it has not this node's protocols, or an older form of them. */
    private String tell(AnnounceConfig announce, BirdPrograms programs, List<Protocol> protocols) throws IOException {
        String text = BirdFile.text(nodeId, announce);
        if (text.equals(toldText) && has(protocols, announce)) {
            return "";
        }
        Answer answer = programs.ask("configure");
        if (!answer.ok() || !answer.text().contains("Reconfigur")) {
            return "BIRD refuses its configuration: " + answer.lastLine();
        }
        toldText = text;
        return has(protocols(programs), announce)
                ? ""
                : "BIRD has not read " + announce.bird().orElseThrow().configFile()
                        + ": add to its configuration: include \""
                        + announce.bird().orElseThrow().configFile() + "\";";
    }

    /** BIRD 2 runs both, and the one gets the packets of the other's sessions: none comes up, and nobody says so. */
    private String otherBfd(BirdConfig bird, List<Protocol> protocols) {
        String own = BirdFile.bfdName(nodeId);
        return protocols.stream()
                .filter(each -> each.kind().equals("BFD") && !each.name().equals(own))
                .filter(_ -> bird.neighbours().stream().anyMatch(NeighbourConfig::bfd))
                .findFirst()
                .map(other -> "BIRD has a second protocol bfd, \"" + other.name()
                        + "\", beside the node's: no BFD session comes up; remove it from BIRD's configuration, \""
                        + own
                        + "\" serves all sessions")
                .orElse("");
    }

    private boolean has(List<Protocol> protocols, AnnounceConfig announce) {
        List<String> names = protocols.stream().map(Protocol::name).toList();
        int count = announce.bird().orElseThrow().neighbours().size();
        return names.contains(BirdFile.sessionName(nodeId, 0))
                && names.contains(BirdFile.sessionName(nodeId, count - 1));
    }

    private List<Session> sessions(BirdConfig bird, BirdPrograms programs, List<Protocol> protocols)
            throws IOException {
        Map<String, String> bfd =
                BirdReply.bfdStates(programs.ask("show bfd sessions").text());
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < bird.neighbours().size(); i++) {
            NeighbourConfig neighbour = bird.neighbours().get(i);
            String name = BirdFile.sessionName(nodeId, i);
            String address = neighbour.address().toString();
            Protocol protocol = protocols.stream()
                    .filter(candidate -> candidate.name().equals(name))
                    .findFirst()
                    .orElse(new Protocol(name, "BGP", "not configured", "", ""));
            String state = protocol.info().isEmpty() ? protocol.state() : protocol.info();
            String bfdState = neighbour.bfd() ? bfd.getOrDefault(address, "none") : "off";
            sessions.add(new Session(address, neighbour.as(), state, protocol.since(), bfdState));
        }
        return sessions;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
