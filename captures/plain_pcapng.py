"""Takes out of a pcapng file what it says about the machine that recorded it.

Usage: plain_pcapng.py IN OUT

dumpcap writes processor, kernel and program into the options of the section and of each
interface. Frames, time stamps, interface names and time resolutions stay as they are; all
other options of those two blocks go, and so do statistics blocks (their numbers belong to
the recording, and their options would have to be sifted too).

Blocks: draft-ietf-opsawg-pcapng sections 3 and 4, in the byte order of the section, which must
be the one of this machine (the file was just written here).
"""

import struct
import sys

SECTION, INTERFACE, STATISTICS = 0x0A0D0D0A, 1, 5
FIXED = {SECTION: 16, INTERFACE: 8}  # bytes between the block's head and its options
IF_NAME, IF_TSRESOL = 2, 9


def main(source, target):
    with open(source, 'rb') as file:
        data = file.read()
    out, at = [], 0
    while at < len(data):
        kind, length = struct.unpack('=II', data[at : at + 8])
        body = data[at + 8 : at + length - 4]
        if kind in FIXED:
            options = kept(body[FIXED[kind] :]) if kind == INTERFACE else b''
            out.append(block(kind, body[: FIXED[kind]] + options))
        elif kind != STATISTICS:
            out.append(data[at : at + length])
        at += length
    with open(target, 'wb') as file:
        file.write(b''.join(out))


def kept(options):
    result, at = b'', 0
    while at < len(options):
        code, length = struct.unpack('=HH', options[at : at + 4])
        size = 4 + (length + 3) // 4 * 4
        if code in (IF_NAME, IF_TSRESOL):
            result += options[at : at + size]
        at += size
    return result + struct.pack('=HH', 0, 0) if result else b''


def block(kind, body):
    length = struct.pack('=I', len(body) + 12)
    return struct.pack('=I', kind) + length + body + length


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
