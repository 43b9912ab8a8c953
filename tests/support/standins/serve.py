"""serve.py ADDRESS FILE: answers on 6888 with what FILE holds, and on 6848, the console, with a word.

The licence page lies where the SOP prints it (5.7) and nowhere else.
"""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    server: ThreadingHTTPServer

    def do_GET(self) -> None:
        text = Path(sys.argv[2]).read_text() if self.server.server_port == 6888 else "console"
        lost = "licenseInfo" in self.path and self.path != "/zqfwxtbg/system/licenseInfo.jsp"
        self.send_response(404 if lost else 200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = True


console = Server((sys.argv[1], 6848), Handler)
threading.Thread(target=console.serve_forever, daemon=True).start()
Server((sys.argv[1], 6888), Handler).serve_forever()
