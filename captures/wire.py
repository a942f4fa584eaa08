"""A link between two interfaces, as a program: it tags or wraps frames, mirrors them, or treats them badly.

Usage: wire.py PLAIN FAR [tag TPID:VID]... [tunnel KIND:END] [mirror SPAN] [mishap KIND]

Whole Ethernet frames come in on one interface and go out on the other. With `tag`, FAR is a
trunk: frames get the given tags (outermost first, numbers as Python writes them: 0x88a8:200)
on their way there, and lose as many on their way back. With `tunnel`, FAR carries whole frames in GRE (RFC 2784 with
the key of RFC 2890, Ethernet inside) or Geneve (RFC 8926) over IPv4; a link has one program at
each end, `near` and `far`. With `mirror`, frames pass unchanged, and two copies of each go out on
SPAN, as from a mirror port that was told to copy both sides. With `mishap`, the client is behind PLAIN,
and its TLS flows (TCP to port 443) suffer:

    reorder     the first two segments with data change places
    lose        the first segment with data is lost once
    duplicate   each frame goes out twice
    deafen      what the server says in its first 600 ms with data is lost, so the client repeats itself

It stands in for VLAN and tunnel interfaces and `tc netem`, which many small kernels lack, and it does
the same thing on every run. The kernel takes the outermost tag off a received frame and
reports it beside the frame (packet(7), PACKET_AUXDATA); `receive` puts it back.

The bytes come from clients and servers that we started: nothing here is safe for strangers.
"""

import os
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
ENDS = {'near': (0x60, 91), 'far': (0x61, 92)}  # last bytes of MAC and IPv4 address of the ends of a tunnel
TUNNEL = 110  # the GRE key, and the Geneve network identifier
ETHERNET_INSIDE = 0x6558
GENEVE_PORT = 6081
GENEVE_OPTION = struct.pack('>HBBI', 0xFF00, 1, 1, TUNNEL)  # class for experiments, type 1, one word


def main(plain_name, far_name, words):
    towards_far, towards_plain = changes(words)
    plain, far = open_port(plain_name), open_port(far_name)
    ways = {plain: (far, towards_far), far: (plain, towards_plain)}
    print('forwarding', flush=True)
    while True:
        for port in select.select(list(ways), [], [])[0]:
            frame = receive(port)
            out, change = ways[port]
            for changed in change(frame) if frame else []:
                out.send(changed)


def changes(words):
    """What happens to a frame on its way to the far side, and on its way back."""
    tags = []
    for word, value in zip(words[::2], words[1::2]):
        if word == 'tag':
            tpid, vid = value.split(':')
            tags.append(struct.pack('>HH', int(tpid, 0), int(vid, 0)))
        elif word == 'mishap' and value in ('reorder', 'lose', 'duplicate', 'deafen'):
            one = Mishap(value)
            return one.from_client, one.from_server
        elif word == 'tunnel' and value in [f'{kind}:{end}' for kind in HEADERS for end in ENDS]:
            kind, end = value.split(':')
            return wrap_in(kind, end), unwrap_from(kind)
        elif word == 'mirror':
            both = copy_twice_to(open_port(value))
            return both, both
        else:
            sys.exit(
                f'wire.py: {word} {value}: write "tag TPID:VID", "tunnel gre|geneve:near|far", '
                '"mirror INTERFACE" or "mishap reorder|lose|duplicate|deafen"'
            )
    return tag_with(tags), untag(len(tags))


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


def gre(frame):
    return socket.IPPROTO_GRE, struct.pack('>HHI', 0x2000, ETHERNET_INSIDE, TUNNEL)


def geneve(frame):
    words, length = len(GENEVE_OPTION) // 4, 8 + 8 + len(GENEVE_OPTION) + len(frame)
    source = 49152 + sum(frame[:12]) % 1024  # the kernel too takes it from the frame inside; a checksum of 0 is none
    udp = struct.pack('>HHHH', source, GENEVE_PORT, length, 0)
    return socket.IPPROTO_UDP, udp + struct.pack('>BBHI', words, 0, ETHERNET_INSIDE, TUNNEL << 8) + GENEVE_OPTION


HEADERS = {'gre': gre, 'geneve': geneve}


def wrap_in(kind, end):
    (mac, host), (other_mac, other_host) = ENDS[end], ENDS['far' if end == 'near' else 'near']
    ethernet = bytes([0, 0, 0x5E, 0, 0x53, other_mac, 0, 0, 0x5E, 0, 0x53, mac, 8, 0])
    addresses = bytes([203, 0, 113, host, 203, 0, 113, other_host])

    def wrap(frame):
        protocol, header = HEADERS[kind](frame)
        ip = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(header) + len(frame), 0, 0x4000, 64, protocol, 0) + addresses
        total = sum(struct.unpack('>10H', ip))
        total = (total & 0xFFFF) + (total >> 16)
        checksum = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
        return [ethernet + ip[:10] + struct.pack('>H', checksum) + ip[12:] + header + frame]

    return wrap


def unwrap_from(kind):
    before = 14 + 20 + len(HEADERS[kind](b'')[1])
    return lambda frame: [frame[before:]]


def copy_twice_to(span):
    # The copies are to be close to each other, whoever else wants the processor.
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))

    def copy(frame):
        span.send(frame)
        span.send(frame)
        return [frame]

    return copy


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
