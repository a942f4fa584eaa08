"""A SOCKS4a proxy: it takes a name from its client, resolves it, connects, and carries bytes both ways.

Usage: socks4.py ADDRESS PORT

Debian's small proxies know SOCKS5 only. One client at a time, ten seconds of silence at most.
The clients are ours: nothing here is safe for strangers.
"""

import select
import socket
import struct
import sys

REQUEST = 600  # version, command, port, address, then user and name of at most 255 bytes
GRANTED = struct.pack('>BBHI', 0, 90, 0, 0)
SECONDS = 10


def main(address, port):
    server = socket.create_server((address, int(port)))
    while True:
        client, _ = server.accept()
        client.settimeout(SECONDS)
        with client, socket.create_connection(target(client), SECONDS) as far:
            client.sendall(GRANTED)
            carry(client, far)


def target(client):
    """Name and port that the client asks for: 4, 1, port, 0.0.0.x, user, 0, name, 0."""
    request = b''
    while request.count(b'\0', 8) < 2 and len(request) < REQUEST:
        request += client.recv(REQUEST)
    port = struct.unpack('>H', request[2:4])[0]
    _, name, _ = request[8:].split(b'\0')
    return name.decode('ascii'), port


def carry(client, far):
    ways = {client: far, far: client}
    while True:
        ready = select.select(list(ways), [], [], SECONDS)[0]
        if not ready:
            return
        for end in ready:
            data = end.recv(65536)
            if not data:
                return
            ways[end].sendall(data)


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
