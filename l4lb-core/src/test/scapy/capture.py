"""Classic pcap files: little-endian, microseconds, Ethernet. Written by hand so that every byte of them is known."""
import struct

FILE_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
RECORD = struct.Struct("<IIII")


def write(path, records):
    """Writes (timestamp in microseconds, frame bytes[, original length]) records."""
    with open(path, "wb") as out:
        out.write(FILE_HEADER)
        for record in records:
            time_us, frame = record[0], record[1]
            length = record[2] if len(record) > 2 else len(frame)
            out.write(RECORD.pack(time_us // 1_000_000, time_us % 1_000_000, len(frame), length))
            out.write(frame)


def read(path):
    """Returns a list of (timestamp in microseconds, frame bytes); anything but the format above is an error."""
    with open(path, "rb") as capture:
        data = capture.read()
    magic, major, minor, _, _, _, link = struct.unpack_from("<IHHiIII", data)
    if (magic, major, minor, link) != (0xA1B2C3D4, 2, 4, 1):
        raise ValueError(f"{path}: not a little-endian microsecond Ethernet pcap")
    records, offset = [], len(FILE_HEADER)
    while offset < len(data):
        seconds, micros, captured, _ = RECORD.unpack_from(data, offset)
        offset += RECORD.size
        if offset + captured > len(data):
            raise ValueError(f"{path}: cut at byte {offset}")
        records.append((seconds * 1_000_000 + micros, data[offset : offset + captured]))
        offset += captured
    return records
