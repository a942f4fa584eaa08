"""A mail server that greets, turns to TLS when told STARTTLS (RFC 3207), and says goodbye.

Usage: mail.py ADDRESS PORT CERTIFICATE KEY

It takes no mail. One client at a time, ten seconds each, lines of at most 512 bytes (RFC 5321, 4.5.3.1.4).
The clients are ours: nothing here is safe for strangers.
"""

import socket
import ssl
import sys

LINE = 512
SECONDS = 10


def main(address, port, certificate, key):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    server = socket.create_server((address, int(port)))
    while True:
        client, _ = server.accept()
        client.settimeout(SECONDS)
        with client:
            say(client, b'220 mail.example.net ESMTP')
            if talk(client, [b'250-mail.example.net', b'250 STARTTLS']):
                with tls.wrap_socket(client, server_side=True) as private:
                    talk(private, [b'250 mail.example.net'])
                    private.unwrap()


def talk(client, greeting):
    """Answers until the client goes; true if it is to go on over TLS."""
    # A client waits for the answer to STARTTLS before its hello, so nothing of the hello is in this buffer.
    with client.makefile('rb') as lines:
        while line := lines.readline(LINE):
            command = line.split()[0].upper() if line.split() else b''
            if command in (b'EHLO', b'HELO'):
                say(client, *greeting)
            elif command == b'STARTTLS':
                say(client, b'220 ready')
                return True
            elif command == b'QUIT':
                say(client, b'221 bye')
                return False
            else:
                say(client, b'502 not here')
    return False


def say(client, *lines):
    client.sendall(b''.join(line + b'\r\n' for line in lines))


if __name__ == '__main__':
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
