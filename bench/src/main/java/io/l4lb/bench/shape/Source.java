package io.l4lb.bench.shape;

/**
 * Where a worker's packets come from: a capture whose frames are copied out of mbufs for ever, round and round.
 *
 * @param captured frames of the capture
 * @param variants flows that each frame stands for: each time round the capture its client's address is another, until the
 *     first comes again. So ten million flows need no ten million mbufs, and the driver's part of the cost stays the same
 *     however many flows there are
 * @param burst packets taken at once, at most
 * @param mbufs more than all captures together: the pcap device keeps each frame in one
 * @param dataRoomBytes of an mbuf, headroom included
 */
public record Source(int captured, int variants, int burst, int mbufs, int dataRoomBytes) {}
