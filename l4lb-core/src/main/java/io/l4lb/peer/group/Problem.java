package io.l4lb.peer.group;

import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is wrong with one thing at present; logged once, until it changes. Any thread. */
final class Problem {
    private static final Logger LOG = LoggerFactory.getLogger(Problem.class);

    private final String about;
    private Optional<String> words = Optional.empty();

    Problem(String about) {
        this.about = about;
    }

    synchronized void is(String now) {
        if (!words.equals(Optional.of(now))) {
            words = Optional.of(now);
            LOG.warn("{}: {}", about, now);
        }
    }

    synchronized void isGone(String instead) {
        if (words.isPresent()) {
            words = Optional.empty();
            LOG.info("{}: {}", about, instead);
        }
    }

    synchronized Optional<String> words() {
        return words;
    }
}
