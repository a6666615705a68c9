package io.l4lb.peer.group;

import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is wrong with one thing at present, or was last; logged once, until it changes. Any thread. */
final class Problem {
    private static final Logger LOG = LoggerFactory.getLogger(Problem.class);

    private final String about;
    private Optional<PeerStatus.Trouble> last = Optional.empty();

    Problem(String about) {
        this.about = about;
    }

    synchronized void is(String now) {
        if (!words().equals(Optional.of(now))) {
            last = Optional.of(new PeerStatus.Trouble(now, Instant.now(), Optional.empty()));
            LOG.warn("{}: {}", about, now);
        }
    }

    synchronized void isGone(String instead) {
        if (words().isPresent()) {
            last = last.map(PeerStatus.Trouble::isOver);
            LOG.info("{}: {}", about, instead);
        }
    }

    /** {@return what is wrong now} */
    synchronized Optional<String> words() {
        return last.filter(trouble -> trouble.until().isEmpty()).map(PeerStatus.Trouble::words);
    }

    /** {@return what is wrong, or was last} */
    synchronized Optional<PeerStatus.Trouble> last() {
        return last;
    }
}
