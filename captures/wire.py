"""A link between two interfaces, as a program: it tags frames, or treats them badly.

Usage: wire.py PLAIN FAR [tag TPID:VID]... [mishap KIND]

Whole Ethernet frames come in on one interface and go out on the other. With `tag`, FAR is a
trunk: frames get the given tags (outermost first, numbers as Python writes them: 0x88a8:200)
on their way there, and lose as many on their way back. With `mishap`, the client is behind
PLAIN, and its TLS flows (TCP to port 443) suffer:

    reorder     the first two segments with data change places
    lose        the first segment with data is lost once
    duplicate   each frame goes out twice
    deafen      what the server says in its first 600 ms with data is lost, so the client repeats itself

It stands in for VLAN interfaces and `tc netem`, which many small kernels lack, and it does
the same thing on every run. The kernel takes the outermost tag off a received frame and
reports it beside the frame (packet(7), PACKET_AUXDATA); `receive` puts it back.

The bytes come from clients and servers that we started: nothing here is safe for strangers.
"""

import select
import socket
import struct
import sys
import time

SOL_PACKET = 263
PACKET_AUXDATA = 8
TP_STATUS_VLAN_VALID = 0x10
TP_STATUS_VLAN_TPID_VALID = 0x40
ETH_P_ALL = 3
ADDRESSES = 12  # bytes of the two MAC addresses, after which tags stand
TAG = 4
DEAF_SECONDS = 0.6


def main(plain_name, far_name, words):
    tags, mishap = options(words)
    plain, far = open_port(plain_name), open_port(far_name)
    towards_far = tag_with(tags) if tags else Mishap(mishap).from_client
    towards_plain = untag(len(tags)) if tags else towards_far.__self__.from_server
    ways = {plain: (far, towards_far), far: (plain, towards_plain)}
    print('forwarding', flush=True)
    while True:
        for port in select.select(list(ways), [], [])[0]:
            frame = receive(port)
            out, change = ways[port]
            for changed in change(frame) if frame else []:
                out.send(changed)


def options(words):
    tags, mishap = [], ''
    for word, value in zip(words[::2], words[1::2]):
        if word == 'tag':
            tpid, vid = value.split(':')
            tags.append(struct.pack('>HH', int(tpid, 0), int(vid, 0)))
        elif word == 'mishap' and value in ('reorder', 'lose', 'duplicate', 'deafen'):
            mishap = value
        else:
            sys.exit(f'wire.py: {word} {value}: write "tag TPID:VID" or "mishap reorder|lose|duplicate|deafen"')
    return tags, mishap


def open_port(name):
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    port.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    port.bind((name, ETH_P_ALL))
    return port


def receive(port):
    """The next frame as it was on the wire; None for the ones we sent ourselves."""
    frame, extra, _, source = port.recvmsg(65536, 256)
    if source[2] == socket.PACKET_OUTGOING:
        return None
    for level, kind, data in extra:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tci, tpid = struct.unpack('=IIIHHHH', data[:20])
            if status & TP_STATUS_VLAN_VALID:
                tpid = tpid if status & TP_STATUS_VLAN_TPID_VALID else 0x8100
                frame = frame[:ADDRESSES] + struct.pack('>HH', tpid, tci) + frame[ADDRESSES:]
    return frame


def tag_with(tags):
    inserted = b''.join(tags)
    return lambda frame: [frame[:ADDRESSES] + inserted + frame[ADDRESSES:]]


def untag(count):
    return lambda frame: [frame[:ADDRESSES] + frame[ADDRESSES + count * TAG :]]


class Mishap:
    """What happens to the client's flows. Flows are told apart by the client's port."""

    def __init__(self, kind):
        self.kind = kind
        self.segments = {}  # client port -> segments with data seen so far
        self.held = {}  # client port -> the frame that waits for its successor
        self.deaf_until = {}  # client port -> when the server can be heard again

    def from_client(self, frame):
        port, data = client_segment(frame)
        if port is None:
            return [frame]
        if self.kind == 'duplicate':
            return [frame, frame]
        if not data:
            return [frame]
        number = self.segments[port] = self.segments.get(port, 0) + 1
        if self.kind == 'reorder' and number == 1:
            self.held[port] = frame
            return []
        if self.kind == 'reorder' and port in self.held:
            return [frame, self.held.pop(port)]
        if self.kind == 'lose' and number == 1:
            return []
        if self.kind == 'deafen' and number == 1:
            self.deaf_until[port] = time.monotonic() + DEAF_SECONDS
        return [frame]

    def from_server(self, frame):
        port = server_segment(frame)
        return [] if time.monotonic() < self.deaf_until.get(port, 0) else [frame]


def client_segment(frame):
    """Client port and length of data of a TCP/IPv4 frame to port 443, else (None, 0)."""
    if frame[12:14] != b'\x08\x00' or frame[23] != socket.IPPROTO_TCP:
        return None, 0
    tcp = 14 + (frame[14] & 15) * 4
    source, target = struct.unpack('>HH', frame[tcp : tcp + 4])
    data_start = tcp + (frame[tcp + 12] >> 4) * 4
    data_end = 14 + struct.unpack('>H', frame[16:18])[0]
    return (source, data_end - data_start) if target == 443 else (None, 0)


def server_segment(frame):
    """Client port of a TCP/IPv4 frame from port 443, else None."""
    if frame[12:14] != b'\x08\x00' or frame[23] != socket.IPPROTO_TCP:
        return None
    tcp = 14 + (frame[14] & 15) * 4
    source, target = struct.unpack('>HH', frame[tcp : tcp + 4])
    return target if source == 443 else None


if __name__ == '__main__':
    if len(sys.argv) < 3 or len(sys.argv) % 2 == 0:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
