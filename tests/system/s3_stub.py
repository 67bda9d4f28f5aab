"""An S3 server for tests that believes nothing: objects of one bucket in memory, on 127.0.0.1.

It verifies every request by itself, written from the specification of Signature Version 4 and not from
the client that it tests: signature, signed headers, hash of the body, clock, session token. Requests to
/-/ are the test's own: POST /-/faults (a JSON list of faults to come), GET /-/log, GET /-/state.

    s3_stub.py [--page-size N] [--part-min N] [--token TEXT] [--clock-offset S]   prints "PORT"; ends with its stdin

A fault is {"kind": K, "method": M, "match": TEXT IN PATH, "count": N, "after": N}: the first `after` that
match pass, then `count` of them fail. Kinds: slow_down, internal, too_many, cut (no answer), cut_after
(done, no answer), cut_body (half of it), flip (a bit of the body), truncate (the body, with a length that
fits), hang, late_error (200 with an error in it), odd (no XML).
"""

import argparse
import base64
import collections
import hashlib
import hmac
import json
import os
import re
import socket
import sys
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote_to_bytes
from xml.etree import ElementTree
from xml.sax.saxutils import escape

ACCESS_KEY = "AKIAMOSAICSTUBTESTS1"
SECRET_KEY = "stub/secret+key/for/tests/only/0123456789"
REGION = "eu-central-1"
BUCKET = "stub-bucket"
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
SKEW_S = 15 * 60
AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?"
                           r"SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$")
# RFC 3986, without what a strict parser would have to guess at ('+' is no blank here).
TARGET = re.compile(r"/[A-Za-z0-9._~%/-]*(\?[A-Za-z0-9._~%=&-]*)?$")


class Refused(Exception):
    def __init__(self, status, code, message=""):
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


def encode(raw, keep=""):
    return quote(raw, safe="~" + keep)


def canonical_query(query):
    pairs = []
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        pairs.append((encode(unquote_to_bytes(name)), encode(unquote_to_bytes(value))))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def signature_of(date, region, text):
    key = ("AWS4" + SECRET_KEY).encode()
    for part in (date, region, "s3", "aws4_request", text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


class Bucket:
    def __init__(self, options):
        self.options = options
        self.lock = threading.Lock()
        self.objects, self.uploads, self.faults = {}, {}, []
        self.log = collections.deque(maxlen=100_000)
        self.numbers = iter(range(1, 1 << 40))

    def now(self):
        return time.time() + self.options.clock_offset

    def verify(self, method, target, headers, body):
        """Raises Refused unless the request is what the owner of the key has signed, and not long ago."""
        if not TARGET.match(target):
            raise Refused(400, "InvalidURI", target)
        found = AUTHORIZATION.match(headers.get("authorization", ""))
        if not found:
            raise Refused(403, "AccessDenied", "no signature that can be read")
        key, day, region, names, signature = found.groups()
        stamp, payload = headers.get("x-amz-date", ""), headers.get("x-amz-content-sha256", "")
        if key != ACCESS_KEY:
            raise Refused(403, "InvalidAccessKeyId", key)
        if region != REGION:
            raise Refused(400, "AuthorizationHeaderMalformed", f"the region '{region}' is wrong; expecting '{REGION}'")
        if not re.fullmatch(r"\d{8}T\d{6}Z", stamp) or stamp[:8] != day:
            raise Refused(403, "AccessDenied", "x-amz-date")
        then = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()
        if abs(then - self.now()) > SKEW_S:
            raise Refused(403, "RequestTimeTooSkewed", stamp)
        listed = names.split(";")
        wanted = {"host"} | {name for name in headers if name.startswith("x-amz-") or name == "content-type"}
        if listed != sorted(set(listed)) or not wanted <= set(listed) or not set(listed) <= set(headers):
            raise Refused(403, "AccessDenied", f"signed are {names}")
        if headers.get("x-amz-security-token", "") != self.options.token:
            raise Refused(403, "InvalidToken")
        path, _, query = target.partition("?")
        canonical = "\n".join(
            [method, encode(unquote_to_bytes(path), "/"), canonical_query(query),
             *(f"{name}:{' '.join(headers[name].split())}" for name in listed), "", names, payload])
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, f"{day}/{region}/s3/aws4_request",
                          hashlib.sha256(canonical.encode()).hexdigest()])
        if not hmac.compare_digest(signature_of(day, region, text), signature):
            raise Refused(403, "SignatureDoesNotMatch", canonical)
        if payload != hashlib.sha256(body).hexdigest():
            raise Refused(400, "XAmzContentSHA256Mismatch")

    def fault_for(self, method, target):
        with self.lock:
            for fault in self.faults:
                if fault.get("method", method) != method or fault.get("match", "") not in target:
                    continue
                if fault.get("after", 0) > 0:
                    fault["after"] -= 1
                elif fault.get("count", 1) > 0:
                    fault["count"] = fault.get("count", 1) - 1
                    return fault["kind"]
        return None

    def answer(self, method, key, query, body):
        """(status, headers, body) of a verified request."""
        with self.lock:
            if not key:
                return self.list(query)
            if "uploads" in query or "uploadId" in query:
                return self.multipart(method, key, query, body)
            if method == "PUT":
                return self.store(key, body, hashlib.md5(body).hexdigest())
            if method == "DELETE":
                self.objects.pop(key, None)
                return 204, {}, b""
            if method not in ("GET", "HEAD"):
                raise Refused(405, "MethodNotAllowed")
            if key not in self.objects:
                raise Refused(404, "NoSuchKey", "The specified key does not exist.")
            content, etag, _ = self.objects[key]
            return 200, {"ETag": f'"{etag}"'}, content

    def store(self, key, body, etag):
        if len(key) > 1024:
            raise Refused(400, "KeyTooLongError")
        self.objects[key] = (body, etag, self.now())
        return 200, {"ETag": f'"{etag}"'}, b""

    def list(self, query):
        if query.get("list-type") != "2":
            raise Refused(400, "InvalidArgument", "list-type")
        prefix = query.get("prefix", "").encode("latin-1")
        token = query.get("continuation-token")
        after = base64.b64decode(token) if token else b""
        keys = sorted(key for key in self.objects if key.startswith(prefix) and key > after)
        size = min(self.options.page_size, int(query.get("max-keys", "1000")))
        page, rest = keys[:size], keys[size:]
        show = (lambda key: quote(key, safe="*-._/").replace("%20", "+")) if query.get("encoding-type") == "url" \
            else lambda key: escape(key.decode())
        xml = ['<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="' + NAMESPACE + '">',
               "<EncodingType>url</EncodingType>" if query.get("encoding-type") == "url" else "",
               f"<Name>{BUCKET}</Name><KeyCount>{len(page)}</KeyCount><IsTruncated>{str(bool(rest)).lower()}</IsTruncated>"]
        if rest:
            xml.append(f"<NextContinuationToken>{base64.b64encode(page[-1]).decode()}</NextContinuationToken>")
        for key in page:
            content, etag, when = self.objects[key]
            modified = datetime.fromtimestamp(when, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
            xml.append(f"<Contents><Key>{show(key)}</Key><LastModified>{modified}</LastModified>"
                       f"<ETag>&quot;{etag}&quot;</ETag><Size>{len(content)}</Size></Contents>")
        return 200, {"Content-Type": "application/xml"}, ("".join(xml) + "</ListBucketResult>").encode()

    def multipart(self, method, key, query, body):
        if method == "POST" and query.get("uploads") == "":
            name = f"upload+{next(self.numbers)}/~="
            self.uploads[name] = (key, {})
            return 200, {}, (f"<InitiateMultipartUploadResult><Bucket>{BUCKET}</Bucket><Key>-</Key>"
                             f"<UploadId>{name}</UploadId></InitiateMultipartUploadResult>").encode()
        owner, parts = self.uploads.get(query.get("uploadId"), (None, None))
        if owner != key:
            raise Refused(404, "NoSuchUpload", "The specified upload does not exist.")
        if method == "PUT":
            parts[int(query["partNumber"])] = body
            return 200, {"ETag": f'"{hashlib.md5(body).hexdigest()}"'}, b""
        if method == "DELETE":
            del self.uploads[query["uploadId"]]
            return 204, {}, b""
        if method != "POST":
            raise Refused(405, "MethodNotAllowed")
        content = self.assembled(parts, body)
        etag = hashlib.md5(b"".join(hashlib.md5(part).digest() for _, part in sorted(parts.items()))).hexdigest()
        self.store(key, content, f"{etag}-{len(parts)}")
        del self.uploads[query["uploadId"]]
        return 200, {}, (f"<CompleteMultipartUploadResult><ETag>&quot;{etag}-{len(parts)}&quot;</ETag>"
                         "</CompleteMultipartUploadResult>").encode()

    def assembled(self, parts, body):
        try:
            tree = ElementTree.fromstring(body)
            named = [(int(part.findtext("{*}PartNumber")), part.findtext("{*}ETag")) for part in tree]
        except (ElementTree.ParseError, TypeError, ValueError) as error:
            raise Refused(400, "MalformedXML", str(error)) from error
        if tree.tag != f"{{{NAMESPACE}}}CompleteMultipartUpload":
            raise Refused(400, "MalformedXML", tree.tag)
        if not named or [number for number, _ in named] != sorted({number for number, _ in named}):
            raise Refused(400, "InvalidPartOrder")
        for number, etag in named:
            if number not in parts or etag != f'"{hashlib.md5(parts[number]).hexdigest()}"':
                raise Refused(400, "InvalidPart", str(number))
        if any(len(parts[number]) < self.options.part_min for number, _ in named[:-1]):
            raise Refused(400, "EntityTooSmall")
        return b"".join(parts[number] for number, _ in named)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    bucket = None

    def log_message(self, *_):
        pass

    def handle_one(self):
        if "Transfer-Encoding" in self.headers or \
                (self.command in ("PUT", "POST") and "Content-Length" not in self.headers):
            return self.refuse(Refused(411, "MissingContentLength"))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/-/"):
            return self.control(body)
        fault = self.bucket.fault_for(self.command, self.path)
        self.bucket.log.append([self.command, self.path, fault])
        if self.faulted_before(fault):
            return None
        try:
            status, headers, content = self.handled(body)
        except Refused as refused:
            return self.refuse(refused)
        return self.faulted_after(fault, status, headers, content) or self.send(status, headers, content)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_one

    def handled(self, body):
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.bucket.verify(self.command, self.path, headers, body)
        path, _, query = self.path.partition("?")
        host = headers["host"]
        if host.startswith(BUCKET + "."):
            key = unquote_to_bytes(path)[1:]
        else:
            name, _, key = unquote_to_bytes(path)[1:].partition(b"/")
            if name != BUCKET.encode():
                raise Refused(404, "NoSuchBucket", "The specified bucket does not exist")
        pairs = (part.partition("=") for part in query.split("&") if part)
        query = {unquote_to_bytes(name).decode(): unquote_to_bytes(value).decode("latin-1") for name, _, value in pairs}
        return self.bucket.answer(self.command, key, query, body)

    def faulted_before(self, fault):
        refusals = {"slow_down": Refused(503, "SlowDown", "Please reduce your request rate."),
                    "internal": Refused(500, "InternalError"), "too_many": Refused(429, "TooManyRequests")}
        if fault in refusals:
            self.refuse(refusals[fault])
        elif fault == "cut":
            self.cut()
        elif fault == "hang":
            time.sleep(30)
            self.cut()
        elif fault == "odd":
            self.send(200, {}, b"<html><body>Welcome to the guest network</body>")
        return fault in refusals or fault in ("cut", "hang", "odd")

    def faulted_after(self, fault, status, headers, content):
        if fault == "cut_after":
            self.cut()
        elif fault == "cut_body":
            self.send(status, headers, content, content[:len(content) // 2])
            self.cut()
        elif fault == "flip":
            middle = len(content) // 2
            self.send(status, headers, content[:middle] + bytes([content[middle] ^ 4]) + content[middle + 1:])
        elif fault == "truncate":
            self.send(status, headers, content[:-1])
        elif fault == "late_error":
            self.send(200, {}, b"<Error><Code>InternalError</Code><Message>late</Message></Error>")
        return fault in ("cut_after", "cut_body", "flip", "truncate", "late_error")

    def cut(self):
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def refuse(self, refused):
        xml = (f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{refused.code}</Code>'
               f"<Message>{escape(refused.message)}</Message></Error>")
        self.send(refused.status, {"Content-Type": "application/xml"}, xml.encode())

    def send(self, status, headers, content, sent=None):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content if sent is None else sent)
        return True

    def control(self, body):
        bucket = self.bucket
        with bucket.lock:
            if self.path == "/-/faults":
                bucket.faults = json.loads(body)
                bucket.log.clear()
            state = {"uploads": len(bucket.uploads), "objects": sorted(key.decode() for key in bucket.objects)}
            answer = list(bucket.log) if self.path == "/-/log" else state
        self.send(200, {}, json.dumps(answer).encode())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--page-size", type=int, default=1000)
    parser.add_argument("--part-min", type=int, default=5 << 20)
    parser.add_argument("--token", default="")
    parser.add_argument("--clock-offset", type=float, default=0)
    Handler.bucket = Bucket(parser.parse_args())
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
