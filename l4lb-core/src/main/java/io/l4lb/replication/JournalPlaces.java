package io.l4lb.replication;

import io.l4lb.journal.JournalException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The directories that a node's journals are in: {@code own}, and {@code peer-lb2} for what lb2 says. When lb2 leaves the configuration
 * its directory stays until a checkpoint has all that it said; if lb2 comes back before that, it gets {@code peer-lb2~2}.
 */
final class JournalPlaces {
    private static final String PEER_PREFIX = "peer-";
    private static final Pattern AGAIN = Pattern.compile("(.+)~([0-9]{1,9})");

    private final Path directory;

    /** @param peer the id */
    private record Place(Path path, String peer, int number) {}

    JournalPlaces(Path directory) {
        this.directory = directory;
    }

    Path own() {
        return directory.resolve("own");
    }

    /** {@return where the journal of a peer that is configured at start is, or is to be} */
    Path ofPeer(String id) {
        return newest(id).map(Place::path).orElse(directory.resolve(PEER_PREFIX + id));
    }

    /** {@return where the journal of a peer that joins is to be; there is none} */
    Path ofNewPeer(String id) {
        return newest(id)
                .map(place -> directory.resolve(PEER_PREFIX + id + "~" + (place.number + 1)))
                .orElse(directory.resolve(PEER_PREFIX + id));
    }

    /** {@return directories of nodes that are no peers, and of earlier memberships of those that are} */
    List<Path> departed(Collection<String> peerIds) {
        List<Path> inUse = peerIds.stream().map(this::ofPeer).toList();
        return places().stream()
                .map(Place::path)
                .filter(path -> !inUse.contains(path))
                .sorted()
                .toList();
    }

    private Optional<Place> newest(String id) {
        return places().stream().filter(place -> place.peer.equals(id)).max(Comparator.comparingInt(Place::number));
    }

    private List<Place> places() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.filter(path -> path.getFileName().toString().startsWith(PEER_PREFIX))
                    .map(JournalPlaces::place)
                    .toList();
        } catch (IOException e) {
            throw new JournalException("cannot list " + directory, e);
        }
    }

    private static Place place(Path path) {
        String name = path.getFileName().toString().substring(PEER_PREFIX.length());
        Matcher again = AGAIN.matcher(name);
        return again.matches()
                ? new Place(path, again.group(1), Integer.parseInt(again.group(2)))
                : new Place(path, name, 1);
    }
}
