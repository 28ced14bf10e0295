# SPDX-License-Identifier: GPL-3.0-or-later
"""A gateway in Python, at the other end of a bench's links: sockets, ssl and json are Python's, the messages' form is checked by python3-jsonschema against
docs/messages.schema.json, both ways. It answers a session and passes a VIN on (talk.lua); what else it does is told by its words.

gateway.py PREMISE UTILITY [WORD ...]    PREMISE, UTILITY: tcp:PORT, tls:PORT, unix:PATH (it connects), tcp-listen:PORT, tls-listen:PORT,
                                         unix-listen:PATH, pty:PATH, stdio
  ca=, cert=, key=   files of TLS
  garbage, oversize, flood, half, pause, leave, back, wrong    what it does instead of, or after, passing on the VIN
Says on standard error what was not right; exit status 1 then. Ends with its links."""
import json
import os
import pathlib
import select
import socket
import ssl
import sys
import time
import tty

import jsonschema

SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[2] / "docs/messages.schema.json").read_text())
VALIDATOR = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
LONGEST = 65536


def complain(text):
    print(f"gateway: {text}", file=sys.stderr, flush=True)
    sys.exit(1)


class Link:
    def __init__(self, address, files):
        kind, _, rest = address.partition(":")
        self.kind, self.rest, self.files = kind, rest, files
        self.buffer = b""
        self.ids = {}
        self.open()

    def open(self):
        if self.kind == "stdio":
            self.reader, self.writer, self.socket = 0, 1, None
            return
        if self.kind == "pty":
            self.reader = self.writer = os.open(self.rest, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self.reader)
            self.socket = None
            return
        family, place = (socket.AF_UNIX, self.rest) if self.kind.startswith("unix") else (socket.AF_INET, ("127.0.0.1", int(self.rest or 0)))
        if self.kind.endswith("-listen"):
            listener = socket.socket(family)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(place)
            listener.listen(1)
            self.socket = listener.accept()[0]
        else:
            self.socket = self.connect(family, place)
        if self.kind.startswith("tls"):
            self.socket = self.shake_hands()
        self.reader = self.writer = self.socket.fileno()

    @staticmethod
    def connect(family, place):
        end = time.monotonic() + 20
        while True:
            connection = socket.socket(family)
            try:
                connection.connect(place)
                return connection
            except OSError:
                connection.close()
                if time.monotonic() > end:
                    complain(f"nobody at {place}")
                time.sleep(0.05)

    def shake_hands(self):
        is_server = self.kind.endswith("-listen")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if is_server else ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.files["ca"])
        if "cert" in self.files:
            context.load_cert_chain(self.files["cert"], self.files["key"])
        context.verify_mode = ssl.CERT_REQUIRED
        return context.wrap_socket(self.socket, server_side=is_server, server_hostname=None if is_server else "127.0.0.1")

    def read(self):
        """Whole lines; None at the end. What TLS says for itself (a session ticket) makes a socket readable too."""
        try:
            if self.socket:
                self.socket.settimeout(0)
            data = self.socket.recv(65536) if self.socket else os.read(self.reader, 65536)
        except (ssl.SSLWantReadError, BlockingIOError):
            return []
        finally:
            if self.socket:
                self.socket.settimeout(None)
        if not data:
            return None
        self.buffer += data
        *lines, self.buffer = self.buffer.split(b"\n")
        return [line for line in lines if line]

    def is_ready(self):
        return bool(self.socket and self.kind.startswith("tls") and self.socket.pending())

    def write(self, data):
        if self.socket:
            self.socket.sendall(data)
            return
        while data:
            data = data[os.write(self.writer, data):]

    def say(self, message):
        self.ids[message["from"]] = message["id"] = self.ids.get(message["from"], 0) + 1
        VALIDATOR.validate(message)
        self.write(json.dumps(message).encode() + b"\n")

    def close(self):
        if self.socket:
            if self.kind.startswith("tls"):
                try:
                    self.socket.unwrap()
                except OSError:
                    pass
            self.socket.close()
        elif self.kind == "stdio":
            sys.exit(0)
        else:
            os.close(self.reader)


def misbehave(word, premise, utility):
    if word == "garbage":
        utility.write(b"hello, bench\n\x00\xff\xfe{{{\n")
    elif word == "oversize":
        utility.write(b"x" * (LONGEST + 100000) + b"\n")
    elif word == "half":
        whole = {"v": 1, "type": "premise_id", "from": "esci", "to": "utility", "id": 77, "fields": {"premise": "P-1"}}
        VALIDATOR.validate(whole)
        utility.write(json.dumps(whole).encode())
        utility.close()
    elif word == "flood":
        try:
            while True:
                utility.write(b'{"is this":"a message?"}\n' * 1000)
        except OSError:
            pass
    elif word == "leave":
        utility.close()
        premise.close()
        sys.exit(0)
    elif word == "back":
        utility.close()
        time.sleep(0.3)
        utility.open()


def main():
    files = dict(word.split("=", 1) for word in sys.argv[3:] if "=" in word)
    words = [word for word in sys.argv[3:] if "=" not in word]
    try:
        premise, utility = (Link(address, files) for address in sys.argv[1:3])
    except ssl.SSLError as error:
        complain(f"TLS: {error}")
    links = {premise.reader: premise, utility.reader: utility}
    heard = 0
    while links:
        ready = [link for link in links.values() if link.is_ready()] or [links[fd] for fd in select.select(list(links), [], [])[0]]
        for link in ready:
            try:
                lines = link.read()
            except (OSError, ssl.SSLError):
                lines = None
            if lines is None:
                del links[link.reader]
                continue
            for line in lines:
                message = json.loads(line)
                VALIDATOR.validate(message)
                heard += 1
                if message["type"] == "session_open":
                    link.say(dict(message, **{"from": "esci", "to": "pev"}))
                elif message["type"] == "vin":
                    if "wrong" in words:
                        message["fields"]["vin"] = "1PB00000000000009"
                    message.pop("at_ns", None)
                    utility.say(message)
                    for word in words:
                        misbehave(word, premise, utility)
                    links = {one.reader: one for one in links.values() if one is not utility or utility.socket is None or utility.socket.fileno() >= 0}
                    if "back" in words:
                        links[utility.reader] = utility
    print(f"gateway: {heard} messages, each of the schema", file=sys.stderr, flush=True)


main()
