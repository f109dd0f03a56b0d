#!/usr/bin/env python3
"""A browser that does what it is told, one step after the other, and says what it saw: Chromium, over the pipe of its
DevTools protocol. Each step is an argument:

    open:URL    goes there and waits until all is loaded
    eval:JS     evaluates an expression
    wait:JS     evaluates it until it is true
    key:NAME    presses a key: Tab, Enter
    shot:FILE   a picture of what the window shows

Standard output has a line of JSON for each: {"event":"step","name":"eval","message":"…"}; for whatever went wrong on a
page (errors in the console, exceptions, violations of its policy, dialogs) {"event":"problem","message":"…"}; and
{"event":"done"} at the end. A step that fails ends it with exit code 1.
"""
import argparse
import base64
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PATIENCE = 30


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class Browser:
    def __init__(self, options):
        self.folder = tempfile.mkdtemp(prefix="browser-")
        to_child, self.output = os.pipe()
        self.input, from_child = os.pipe()
        # Chromium reads its descriptor 3 and writes to 4, which the pipes may have here.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_child, from_child)]
        command = [
            options.chromium, "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-pings",
            "--remote-debugging-pipe", "--user-data-dir=" + self.folder, "about:blank",
        ]
        if os.geteuid() == 0:
            command.insert(1, "--no-sandbox")
        wiring = f'exec "$@" 3<&{ends[0]} 4>&{ends[1]} {ends[0]}<&- {ends[1]}>&-'
        self.process = subprocess.Popen(
            ["bash", "-c", wiring, "chromium", *command], pass_fds=ends, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in (to_child, from_child, *ends):
            os.close(end)
        self.buffer, self.number, self.session = b"", 0, None
        self.answers, self.events = {}, []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(domain + ".enable")
        self.ask("Emulation.setDeviceMetricsOverride", width=options.width, height=options.height,
                 deviceScaleFactor=1, mobile=options.width < 600)
        features = [{"name": "prefers-color-scheme", "value": "dark" if options.dark else "light"}]
        if options.calm:
            features.append({"name": "prefers-reduced-motion", "value": "reduce"})
        self.ask("Emulation.setEmulatedMedia", features=features)
        if options.no_script:
            self.ask("Emulation.setScriptExecutionDisabled", value=True)

    def ask(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        number, until = self.number, time.monotonic() + PATIENCE
        while number not in self.answers:
            self.read(until, method)
        answer = self.answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error'].get('message')}")
        return answer.get("result", {})

    def read(self, until, what):
        if not select.select([self.input], [], [], max(0, until - time.monotonic()))[0]:
            raise RuntimeError(f"no answer in {PATIENCE} s: {what}")
        piece = os.read(self.input, 1 << 16)
        if not piece:
            raise RuntimeError("Chromium has gone")
        self.buffer += piece
        *messages, self.buffer = self.buffer.split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self.answers[message["id"]] = message
            else:
                self.hear(message["method"], message.get("params", {}))

    def hear(self, method, event):
        self.events.append(method)
        if method == "Runtime.consoleAPICalled" and event["type"] in ("error", "warning", "assert"):
            words = [str(part.get("value", part.get("description"))) for part in event["args"]]
            say("problem", message="console: " + " ".join(words))
        elif method == "Runtime.exceptionThrown":
            detail = event["exceptionDetails"]
            say("problem", message="exception: " + detail.get("exception", {}).get("description", detail["text"]))
        elif method == "Log.entryAdded" and event["entry"]["level"] in ("error", "warning"):
            say("problem", message=event["entry"]["source"] + ": " + event["entry"]["text"])
        elif method == "Page.javascriptDialogOpening":
            say("problem", message="dialog: " + event["message"])
            self.number += 1
            closing = {"id": self.number, "method": "Page.handleJavaScriptDialog", "params": {"accept": False},
                       "sessionId": self.session}
            os.write(self.output, json.dumps(closing).encode() + b"\0")

    def evaluate(self, expression):
        answer = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True,
                          userGesture=True)
        if "exceptionDetails" in answer:
            detail = answer["exceptionDetails"]
            raise RuntimeError(detail.get("exception", {}).get("description", detail["text"]))
        return answer["result"].get("value")

    def step(self, kind, word):
        if kind == "open":
            self.events.clear()
            error = self.ask("Page.navigate", url=word).get("errorText")
            if error:
                raise RuntimeError(f"{word}: {error}")
            until = time.monotonic() + PATIENCE
            while "Page.loadEventFired" not in self.events:
                self.read(until, word)
        elif kind == "eval":
            value = self.evaluate(word)
            return value if isinstance(value, str) else json.dumps(value)
        elif kind == "wait":
            until = time.monotonic() + PATIENCE
            while not self.evaluate(word):
                if time.monotonic() > until:
                    raise RuntimeError(f"not true in {PATIENCE} s: {word}")
                time.sleep(0.1)
        elif kind == "key":
            code = {"Tab": 9, "Enter": 13}[word]
            text = {"text": "\r"} if word == "Enter" else {}
            self.ask("Input.dispatchKeyEvent", type="keyDown", key=word, code=word, windowsVirtualKeyCode=code, **text)
            self.ask("Input.dispatchKeyEvent", type="keyUp", key=word, code=word, windowsVirtualKeyCode=code)
        elif kind == "shot":
            picture = self.ask("Page.captureScreenshot")
            with open(word, "wb") as file:
                file.write(base64.b64decode(picture["data"]))
        else:
            raise RuntimeError(f"no such step: {kind}")
        return None

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    parser.add_argument("--width", type=int, default=1400)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--calm", action="store_true")
    parser.add_argument("--no-script", action="store_true")
    parser.add_argument("steps", nargs="+")
    options = parser.parse_args()
    browser = Browser(options)
    try:
        for step in options.steps:
            kind, _, word = step.partition(":")
            message = browser.step(kind, word)
            say("step", name=kind, message=message)
        # What is still on its way comes before this answer.
        browser.ask("Page.getLayoutMetrics")
        say("done")
        return 0
    except RuntimeError as error:
        say("failed", message=str(error))
        return 1
    finally:
        browser.close()


sys.exit(main())
