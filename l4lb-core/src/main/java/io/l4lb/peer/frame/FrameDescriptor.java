package io.l4lb.peer.frame;

import java.nio.ByteOrder;

/**
 * What peers send each other. Numbers are little-endian.
 *
 * <pre>
 * frame
 *    0  length, u32: of kind and payload, 1 to 1 MiB
 *    4  kind, u8
 *    5  payload
 *
 * payload of hello, 1: follower to followed, the first frame
 *    0  magic, u64: "l4lbpeer"
 *    8  major version of protocol and messages, u16; what is before it never changes its place
 *   10  position: resume behind it (none: -1, 0, -1)
 *   34  time, u64: the follower's clock, which the welcome repeats: what was said to another hello is no answer to this one
 *   42  cluster, name of the follower, name of the followed: each a length, u8, and so many bytes of ASCII
 *
 * welcome, 2: its answer
 *    0  magic, major version, as in hello
 *   10  1: a snapshot comes first; 0: the batch behind the position
 *   11  time, as in hello
 *   19  cluster, name of the followed
 *
 * refusal, 3: its other answer, and the last word of whoever ends a connection
 *    0  magic, major version
 *   10  reason, u8
 *
 * batch, 4: followed to follower
 *    0  position: index, i64; incarnation, i64; sequence, i64
 *   24  position of the batch before it; behind a snapshot: none
 *   48  age, u32: seconds since it was written, by the sender's clock
 *   52  batch
 *
 * snapshot, 5
 *    0  part, u32, from 0
 *    4  1: the last part; 0
 *    5  how much of the snapshot this makes, percent, u8
 *    6  batch
 *
 * caught-up, 6: nothing more at present; the position of the last batch
 * ack, 7: follower to followed; the position of the last batch that is applied
 * beat, 8: nothing to say
 * </pre>
 */
public final class FrameDescriptor {
    public static final ByteOrder BYTE_ORDER = ByteOrder.LITTLE_ENDIAN;
    public static final int MAX_LENGTH_BYTES = 1 << 20;
    /** Hello, with three names of 63 bytes, has 235. */
    public static final int MAX_SHORT_LENGTH_BYTES = 256;

    public static final int LENGTH_OFFSET = 0;
    public static final int KIND_OFFSET = LENGTH_OFFSET + Integer.BYTES;
    public static final int PAYLOAD_OFFSET = KIND_OFFSET + Byte.BYTES;
    /** Bytes of a frame that its length does not count. */
    public static final int UNCOUNTED_BYTES = KIND_OFFSET;

    public static final int HELLO = 1;
    public static final int WELCOME = 2;
    public static final int REFUSAL = 3;
    public static final int BATCH = 4;
    public static final int SNAPSHOT = 5;
    public static final int CAUGHT_UP = 6;
    public static final int ACK = 7;
    public static final int BEAT = 8;

    /** "l4lbpeer". */
    public static final long MAGIC = 0x7265_6570_626c_346cL;

    public static final int MAJOR_VERSION = 2;
    public static final int MAX_NAME_LENGTH_BYTES = 63;

    public static final int INDEX_OFFSET = 0;
    public static final int INCARNATION_OFFSET = INDEX_OFFSET + Long.BYTES;
    public static final int SEQUENCE_OFFSET = INCARNATION_OFFSET + Long.BYTES;
    public static final int POSITION_LENGTH_BYTES = SEQUENCE_OFFSET + Long.BYTES;

    public static final int MAGIC_OFFSET = 0;
    public static final int MAJOR_OFFSET = MAGIC_OFFSET + Long.BYTES;
    public static final int GREETING_LENGTH_BYTES = MAJOR_OFFSET + Short.BYTES;
    public static final int HELLO_POSITION_OFFSET = GREETING_LENGTH_BYTES;
    public static final int HELLO_TIME_OFFSET = HELLO_POSITION_OFFSET + POSITION_LENGTH_BYTES;
    public static final int HELLO_NAMES_OFFSET = HELLO_TIME_OFFSET + Long.BYTES;
    public static final int WELCOME_SNAPSHOT_OFFSET = GREETING_LENGTH_BYTES;
    public static final int WELCOME_TIME_OFFSET = WELCOME_SNAPSHOT_OFFSET + Byte.BYTES;
    public static final int WELCOME_NAMES_OFFSET = WELCOME_TIME_OFFSET + Long.BYTES;
    public static final int REFUSAL_REASON_OFFSET = GREETING_LENGTH_BYTES;
    public static final int REFUSAL_LENGTH_BYTES = REFUSAL_REASON_OFFSET + Byte.BYTES;

    public static final int BEFORE_OFFSET = POSITION_LENGTH_BYTES;
    public static final int AGE_OFFSET = BEFORE_OFFSET + POSITION_LENGTH_BYTES;
    public static final int BATCH_OFFSET = AGE_OFFSET + Integer.BYTES;
    public static final int MAX_BATCH_LENGTH_BYTES = MAX_LENGTH_BYTES - Byte.BYTES - BATCH_OFFSET;

    public static final int PART_OFFSET = 0;
    public static final int LAST_PART_OFFSET = PART_OFFSET + Integer.BYTES;
    public static final int PERCENT_OFFSET = LAST_PART_OFFSET + Byte.BYTES;
    public static final int PART_BATCH_OFFSET = PERCENT_OFFSET + Byte.BYTES;

    private FrameDescriptor() {}
}
