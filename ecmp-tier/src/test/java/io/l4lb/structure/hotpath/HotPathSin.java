package io.l4lb.structure.hotpath;

/** What the hot path must not do (STYLE 17, 19, 20). */
enum HotPathSin {
    ALLOCATION,
    DYNAMIC_CALL("lambda, string concatenation or pattern switch"),
    LOCK,
    EXCEPTION,
    BOXING,
    STRING,
    COLLECTION,
    LOGGING,
    CLOCK,
    REFLECTION,
    OUTSIDE_CALL("not on the list of calls that may leave io.l4lb"),
    INTERFACE_CALL("only RxQueue, TxQueue, MbufRelease and MbufSource are interfaces on the hot path"),
    PER_PACKET_CALL("once a burst is what it may cost"),
    LOOSE_HANDLE("a MethodHandle that is not static final is not compiled into the call"),
    TOO_LARGE("C2 inlines no method of more than 325 byte codes (FreqInlineSize)");

    private final String why;

    HotPathSin() {
        this("");
    }

    HotPathSin(String why) {
        this.why = why;
    }

    @Override
    public String toString() {
        String words = name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
        return why.isEmpty() ? words : words + " (" + why + ")";
    }
}
