#!/usr/bin/env python3
"""Opens reports in headless Chromium, from their files, and uses them.

    cargo build --release && python3 tests/browser/report.py [--program target/release/similitude] [--pictures DIR]

Needs Chromium and its driver (Debian: chromium, chromium-driver) and Python 3.9 or later, nothing else. Where there is no
Chromium the script says so and ends with 77, which test harnesses read as "skipped". What is asked: no message on the console, no
name that acts, values on hover and on focus, keys, both switches, the copy buttons, and that nothing wants the network.
"""

import argparse
import base64
import csv
import json
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOSTILE = {
    "</script><script>document.title='broken'</script>": 5,
    "quote\"'&amp;<img src=x onerror=document.title='broken'>": 4,
    "bidi\u202egpj\u001b[31m\u2028": 6,
    "{{ title }}{% raw %}": 4,
    "constant": 0,
    "long" * 40: 3,
}


class Browser:
    """A session of the WebDriver protocol."""

    def __init__(self, chromium, driver, port, profile):
        self.base = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen([driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync", f"--user-data-dir={profile}", "--window-size=1280,1000"]
        options = {"binary": chromium, "args": flags}
        capabilities = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}
        for attempt in range(100):
            try:
                self.session = self.call("POST", "/session", {"capabilities": capabilities}, session=False)["sessionId"]
                break
            except (urllib.error.URLError, ConnectionError):
                if attempt == 99:
                    raise
                time.sleep(0.2)

    def call(self, method, path, body=None, session=True):
        path = f"/session/{self.session}{path}" if session else path
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error

    def open(self, file):
        self.call("POST", "/url", {"url": file.resolve().as_uri()})

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, selector):
        return self.call("POST", "/element", {"using": "css selector", "value": selector})

    def hover(self, selector):
        element = self.find(selector)
        self.run("arguments[0].scrollIntoView({block: 'center', inline: 'center'})", element)
        moves = [{"type": "pointerMove", "duration": 0, "origin": element, "x": 0, "y": 0}]
        self.call("POST", "/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": moves}]})

    def press(self, key):
        keys = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": keys}]})

    def click(self, selector):
        element = self.find(selector)
        identity = next(iter(element.values()))
        self.call("POST", f"/element/{identity}/click", {})

    def messages(self):
        return [entry["message"] for entry in self.call("POST", "/se/log", {"type": "browser"})]

    def requests(self):
        events = [json.loads(entry["message"])["message"] for entry in self.call("POST", "/se/log", {"type": "performance"})]
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def resize(self, width, height):
        self.call("POST", "/window/rect", {"width": width, "height": height})

    def scheme(self, name):
        features = [{"name": "prefers-color-scheme", "value": name}]
        self.call("POST", "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}})

    def picture(self, file):
        shot = self.call("POST", "/goog/cdp/execute", {"cmd": "Page.captureScreenshot", "params": {"captureBeyondViewport": True}})
        file.write_bytes(base64.b64decode(shot["data"]))

    def close(self):
        try:
            self.call("DELETE", "", None)
        finally:
            self.process.terminate()
            self.process.wait()


def safetensors(file, layers):
    """Writes named matrices of n x p doubles."""
    head, body = {}, b""
    for name, rows in layers.items():
        values = b"".join(struct.pack(f"<{len(row)}d", *row) for row in rows)
        head[name] = {"dtype": "F64", "shape": [len(rows), len(rows[0])], "data_offsets": [len(body), len(body) + len(values)]}
        body += values
    head = json.dumps(head).encode()
    head += b" " * (-len(head) % 8)
    file.write_bytes(struct.pack("<Q", len(head)) + head + body)


def sweep(program, directory, *arguments):
    run = subprocess.run([program, *map(str, arguments), "-o", str(directory)], capture_output=True, text=True)
    assert run.returncode in (0, 3), run.stderr
    return directory / "report.html"


def cell(row, column):
    return f'td[data-row="{row}"][data-column="{column}"]'


def panel(browser):
    names = "return [document.getElementById('cell-heading').textContent, [...document.querySelectorAll('#cell dt')].map((t) => [t.textContent, t.nextSibling.textContent])]"
    heading, entries = browser.run(names)
    return heading, dict(entries)


def quiet(browser, what):
    messages = [message for message in browser.messages() if "favicon" not in message]
    assert messages == [], f"{what}: {messages}"
    foreign = [url for url in browser.requests() if not url.startswith(("file:", "data:", "about:", "chrome:", "chrome-untrusted:"))]
    assert foreign == [], f"{what} asks for {foreign}"
    assert browser.run("return document.title") != "broken", f"{what}: a name ran"


def table(directory):
    with open(directory / "scores.csv", newline="") as file:
        return list(csv.DictReader(file))


def use(browser, page, pictures):
    """The report of two networks with nulls: hover, focus, keys, switches, buttons."""
    browser.open(page)
    quiet(browser, "the report")
    rows = table(page.parent)
    first = [row for row in rows if row["measure"] == rows[0]["measure"]]
    layers_a = list(dict.fromkeys(row["layer_a"] for row in first))
    layers_b = list(dict.fromkeys(row["layer_b"] for row in first))

    def expected(row, column, of=first):
        return next(line for line in of if (line["layer_a"], line["layer_b"]) == (layers_a[row], layers_b[column]))

    browser.hover(cell(1, 2))
    heading, shown = panel(browser)
    line = expected(1, 2)
    assert heading == f"{layers_a[1]} × {layers_b[2]}", heading
    assert float(shown["CKA"]) == float(line["value"]) and float(shown["error bound"]) == float(line["error_bound"]), (shown, line)
    assert float(shown["p"].split()[0]) == float(line["p"]) and float(shown["calibrated"]) == float(line["calibrated"]), (shown, line)

    # From the first cell by keys alone: it is the one that the tabulator reaches.
    browser.run("document.querySelector('#heat td[tabindex=\"0\"]').focus()")
    assert panel(browser)[0] == f"{layers_a[-1]} × {layers_b[0]}"
    browser.press("\ue014")  # right
    browser.press("\ue015")  # down: towards the first layer
    assert panel(browser)[0] == f"{layers_a[-2]} × {layers_b[1]}", panel(browser)
    browser.press("\ue010")  # end
    assert panel(browser)[0] == f"{layers_a[-2]} × {layers_b[-1]}"
    assert browser.run("return document.querySelectorAll('#heat td[tabindex=\"0\"]').length") == 1
    label = browser.run("return document.activeElement.getAttribute('aria-label')")
    assert layers_a[-2] in label and layers_b[-1] in label and "p " in label, label

    color = "return getComputedStyle(document.querySelector(arguments[0])).backgroundColor"
    raw = browser.run(color, cell(0, 1))
    browser.click('input[value="calibrated"]')
    assert browser.run(color, cell(0, 1)) != raw, "the calibrated values have other colors"
    assert "calibrated" in browser.run("return document.querySelector('#heat caption').textContent")
    second = [row for row in rows if row["measure"] != rows[0]["measure"]]
    browser.run("const s = document.getElementById('measure'); s.value = '1'; s.dispatchEvent(new Event('change', {bubbles: true}))")
    browser.hover(cell(0, 0))
    heading, shown = panel(browser)
    line = expected(0, 0, second)
    assert shown["measure"] == line["measure"] and line["value"] in [repr(float(value)) for name, value in shown.items() if name not in ("measure", "mark", "p")], shown
    faint = browser.run("return document.querySelectorAll('#heat td.faint').length")
    assert faint == sum(float(row["p"]) > 0.05 for row in second if row["measure"] == line["measure"] and row["p"]), faint

    for what in ["latex", "bibtex", "text", "markdown", "methods-latex"]:
        browser.run("document.getElementById('copied').textContent = ''")
        browser.click(f'button[data-copy="{what}"]')
        for _ in range(50):
            said = browser.run("return document.getElementById('copied').textContent")
            if said:
                break
            time.sleep(0.1)
        assert said.startswith("Copied"), f"{what}: {said!r}"
    quiet(browser, "the report, used")
    unnamed = browser.run("return [...document.querySelectorAll('table')].filter((t) => !t.querySelector('th[scope]')).length")
    assert unnamed == 0, "a table without headers"
    if pictures:
        browser.open(page)
        for scheme in ("light", "dark"):
            browser.scheme(scheme)
            browser.hover(cell(1, 2))
            browser.run("scrollTo(0, 0)")
            browser.picture(pictures / f"report-{scheme}.png")


def pictures_of(browser, section, count):
    """The pictures of a section: each has a name, is as large as something, and has a table behind it that opens."""
    figures = browser.run("""return [...document.querySelectorAll('#' + arguments[0] + ' figure')].map((figure) => {
        const picture = figure.querySelector('.picture'), details = figure.querySelector('details');
        details.open = true;
        const [box, rows] = [picture.querySelector('svg').getBoundingClientRect(), details.querySelectorAll('tbody tr')];
        return {role: picture.getAttribute('role'), label: picture.getAttribute('aria-label'), width: box.width, height: box.height,
            title: picture.querySelector('svg > title').textContent, shown: [...rows].filter((row) => row.getBoundingClientRect().height > 0).length};
    })""", section)
    assert len(figures) == count, f"{section}: {len(figures)} pictures"
    for figure in figures:
        assert figure["role"] == "img" and figure["label"] and figure["title"], figure
        assert figure["width"] > 200 and figure["height"] > 100 and figure["shown"] > 1, figure
    heading = browser.run("return document.querySelector('nav a[href=\"#' + arguments[0] + '\"]').textContent", section)
    assert heading == browser.run("return document.querySelector('#' + arguments[0] + ' h2').textContent", section), heading
    return figures


def curves(browser, page):
    """The sample-size curves say what their table says."""
    browser.open(page)
    with open(page.parent / "sample-sizes.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    pairs = list(dict.fromkeys((row["layer_a"], row["layer_b"], row["measure"]) for row in rows))
    for figure, (a, b, measure) in zip(pictures_of(browser, "sizes", len(pairs)), pairs):
        assert figure["title"] == f"{a} × {b}", figure
        needed = next(row["needed"] for row in rows if row["measure"] == measure)
        said = f"You need about {needed} examples" if needed else "is not known"
        assert said in figure["label"], (figure, needed)
    cells = browser.run("return [...document.querySelectorAll('#sizes tbody tr')].map((row) => row.cells[1].textContent)")
    assert [float(cell) for cell in cells] == [float(row["mean"]) for row in rows], cells
    quiet(browser, "the curves")


def many(browser, page, measures):
    """The tree and the map of each measure, and the means of kinds."""
    browser.open(page)
    titles = [figure["title"] for figure in pictures_of(browser, "figures", 2 * measures)]
    assert len(set(titles)) == measures, titles
    pictures_of(browser, "kinds", measures)
    quiet(browser, "networks")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "target/release/similitude")
    parser.add_argument("--pictures", type=pathlib.Path, help="where pictures of the pages go")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not (chromium and driver):
        print("skipped: no Chromium with its driver here (Debian: chromium, chromium-driver)")
        return 77
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        temporary = pathlib.Path(temporary)
        demo = sorted((ROOT / "data/demo").glob("*.safetensors"))
        common = ["--sample", "40", "--null", "60"]
        plain = sweep(options.program, temporary / "plain", "sweep", demo[0], demo[1], "-m", "cka", "-m", "procrustes", *common, "--adjust", "max", "--report")
        draw = random.Random(1)
        hostile = {name: [[draw.gauss(0, 1) if p else 1.0 for _ in range(max(p, 1))] for _ in range(30)] for name, p in HOSTILE.items()}
        safetensors(temporary / "hostile.safetensors", hostile)
        nasty = sweep(options.program, temporary / "hostile", "sweep", temporary / "hostile.safetensors", "-m", "cka", "-m", "cca", "--title", "</title><b>", "--report")
        wide = {f"model.encoder.layers.{i}.self_attention.output.dense": [[draw.gauss(0, 1) for _ in range(3)] for _ in range(20)] for i in range(60)}
        safetensors(temporary / "many.safetensors", wide)
        large = sweep(options.program, temporary / "large", "sweep", temporary / "many.safetensors", "-m", "cka", "--report")
        networks = sweep(options.program, temporary / "networks", "networks", *demo, "-m", "cka", "-m", "procrustes", "--sample", "40", "--kinds", "a,b,a,b,a")
        browser = Browser(chromium, driver, 9753, temporary / "profile")
        try:
            use(browser, plain, options.pictures)
            curves(browser, plain)
            many(browser, networks, 2)
            browser.scheme("light")
            for name, page in (("hostile", nasty), ("large", large), ("networks", networks)):
                browser.open(page)
                quiet(browser, name)
                browser.hover(cell(0, 0))
                assert panel(browser)[0], name
                if options.pictures:
                    browser.run("scrollTo(0, 0)")
                    browser.picture(options.pictures / f"{name}.png")
            browser.open(nasty)
            shown = browser.run("return [...document.querySelectorAll('#best tbody th')].map((h) => h.textContent)")
            visible = "bidi\\u{202e}gpj\\x1b[31m\\u{2028}"
            assert visible in shown and any(name.startswith("</script>") for name in shown), shown
            assert browser.run("return document.querySelectorAll('img, #map script').length") == 0
            assert browser.run("return document.querySelectorAll('#undefined tbody tr').length") > 0
            browser.resize(420, 900)
            for name, page in (("narrow", plain), ("narrow-networks", networks)):
                browser.open(page)
                overflow = browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert overflow <= 0, f"{name}: {overflow} pixels beyond a narrow window"
                if options.pictures:
                    browser.picture(options.pictures / f"{name}.png")
        finally:
            browser.close()
    print("the reports load from their files, without a message, and answer mouse, keys and switches")
    return 0


if __name__ == "__main__":
    sys.exit(main())
