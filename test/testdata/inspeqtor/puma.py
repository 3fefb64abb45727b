#!/usr/bin/python3
"""A web server that grows: /grow makes it hold 80 MiB more. At SIGUSR1 it begins anew, in the same process."""

import http.server
import os
import signal

held = []


def reload(*_):
    held.clear()
    with open("/srv/reloads", "a") as f:
        print(os.getpid(), file=f)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/grow":
            held.append(b"x" * (80 << 20))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"%d\n" % len(held))


signal.signal(signal.SIGUSR1, reload)
http.server.HTTPServer(("127.0.0.1", 9292), Handler).serve_forever()
