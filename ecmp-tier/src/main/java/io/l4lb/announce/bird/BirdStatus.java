package io.l4lb.announce.bird;

import java.util.List;

/**
 * How it stands with the routing daemon.
 *
 * @param version of the daemon that answers; empty if none does
 * @param problem what is wrong and what would help, in words; empty if nothing is
 * @param sessions one for each neighbour of the configuration
 */
public record BirdStatus(String version, String problem, List<Session> sessions) {
    /**
     * A BGP session.
     *
     * @param neighbour the router's address
     * @param state BIRD's word, such as "Established"; "unknown" when it does not answer
     * @param since time of the last change, as BIRD writes it
     * @param bfd state of the BFD session: "Up", "Down", "Init"; "off" when none is wanted, "none" when there is none
     */
    public record Session(String neighbour, long as, String state, String since, String bfd) {
        public boolean established() {
            return state.startsWith("Established");
        }
    }

    public BirdStatus {
        sessions = List.copyOf(sessions);
    }
}
