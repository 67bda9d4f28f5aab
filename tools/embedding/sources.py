"""Reads texts from Debian packages that consist of prose: dictionaries, manuals, descriptions.

Every reader yields (heading, body): a name, title or headword and the text below it. Either may be empty.
"""
import gzip
import html.parser
import re
import string

_SPACE = re.compile(r"\s+")


def clean(text):
    return _SPACE.sub(" ", text).strip()


def wordnet(folder):
    """Synonyms and their gloss, and each example sentence by itself."""
    for part in ("noun", "verb", "adj", "adv"):
        for line in (folder / "usr/share/wordnet" / f"data.{part}").open(errors="replace"):
            if line.startswith("  "):  # the licence
                continue
            fields, _, gloss = line.partition("|")
            fields = fields.split()
            count = int(fields[3], 16)
            lemmas = [re.sub(r"\(.*\)", "", fields[4 + 2 * i]).replace("_", " ") for i in range(count)]
            definition, *examples = re.split(r'; "', gloss)
            yield ", ".join(lemmas), clean(definition)
            for example in examples:
                yield "", clean(example.strip().strip('"'))


def _dictd(folder, name):
    """The entries of a dictd database, in the order of its text."""
    digits = {c: i for i, c in enumerate(string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/")}

    def number(word):
        value = 0
        for c in word:
            value = value * 64 + digits[c]
        return value

    base = folder / "usr/share/dictd"
    text = gzip.open(base / f"{name}.dict.dz").read()
    places = set()
    for line in (base / f"{name}.index").open(errors="replace"):
        word, offset, size = line.rstrip("\n").rsplit("\t", 2)
        if not word.startswith("00"):
            places.add((number(offset), number(size)))
    for offset, size in sorted(places):
        yield text[offset : offset + size].decode("utf-8", "replace")


def gcide(folder):
    """Collaborative International Dictionary of English: headword and each numbered sense."""
    for entry in _dictd(folder, "gcide"):
        head, _, body = entry.partition("\n")
        word = head.split("\\")[0].strip()
        body = re.sub(r"\[[^\]]*\]|--[A-Z][^\n]*|[{}]", "", body)
        body = re.sub(r"(?m)^\s*(Syn|Note):.*(\n\s{4,}.*)*", "", body)
        for sense in re.split(r"\n\s*(?:\d+\.|\([a-z]\))\s", body):
            sense = clean(sense)
            if len(sense) > 15:
                yield word, sense


def foldoc(folder):
    yield from _paragraphs_of_entries(folder, "foldoc")


def jargon(folder):
    yield from _paragraphs_of_entries(folder, "jargon")


def vera(folder):
    yield from _paragraphs_of_entries(folder, "vera")


def _paragraphs_of_entries(folder, name):
    for entry in _dictd(folder, name):
        head, _, body = entry.partition("\n")
        for paragraph in body.split("\n\n"):
            paragraph = clean(re.sub(r"\{([^}]*)\}", lambda m: m[1].split(" (http")[0], paragraph))
            if len(paragraph) > 30:
                yield clean(head), paragraph


class _Paragraphs(html.parser.HTMLParser):
    """Headings and the paragraphs below them."""

    heads = {"h1", "h2", "h3", "h4", "dt"}
    blocks = {"p", "li", "dd", "td"}
    silent = {"script", "style", "pre", "nav", "head"}

    def __init__(self):
        super().__init__()
        self.heading, self.open, self.text, self.quiet, self.found = "", None, [], 0, []

    def handle_starttag(self, tag, attributes):
        if tag in self.silent:
            self.quiet += 1
        if tag in self.heads | self.blocks:
            self._close()
            self.open = tag

    def handle_endtag(self, tag):
        if tag in self.silent:
            self.quiet = max(0, self.quiet - 1)
        if tag in self.heads | self.blocks:
            self._close()

    def handle_data(self, data):
        if self.open and not self.quiet:
            self.text.append(data)

    def _close(self):
        text = clean("".join(self.text)).replace("\u00b6", "")
        if self.open in self.heads and text:
            self.heading = re.sub(r"^[\d.A-Z]*\d[\d.]*\s+", "", text)
        elif self.open in self.blocks and len(text) > 40:
            self.found.append((self.heading, text))
        self.open, self.text = None, []


_LANGUAGES = "ar be bg ca cs da de el es eo et eu fa fi fr gl he hi hr hu id it ja ka ko lt lv mk nb nl nn no pl pt ro ru sk sl sr sv tr uk vi zh"
_OTHER_LANGUAGE = re.compile(rf"[-./_]({_LANGUAGES.replace(' ', '|')})([-_][A-Za-z]+)?[./]")
_ABOUT_PAGES = re.compile(r"^(genindex|search|changelog|whatsnew|py-modindex)")


def web_pages(folder):
    """Headings and paragraphs of the English pages."""
    for path in sorted(folder.rglob("*.html*")):
        if path.is_symlink() or not path.is_file():
            continue
        if _ABOUT_PAGES.search(path.name) or _OTHER_LANGUAGE.search(str(path)):
            continue
        data = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
        parser = _Paragraphs()
        parser.feed(data.decode("utf-8", "replace"))
        yield from parser.found


_ROFF_ESCAPE = re.compile(r"\\f[A-Z]|\\f\[[^\]]*\]|\\&|\\c|\\%|\\\||\\s[-+]?\d")


def manual_pages(folder):
    """The NAME line of each page as heading, its paragraphs of prose as bodies."""
    for path in sorted((folder / "usr/share/man").glob("man*/*.gz")):
        if path.is_symlink():
            continue
        heading, paragraph, section = "", [], ""
        for line in gzip.open(path, "rt", errors="replace"):
            line = _ROFF_ESCAPE.sub("", line.rstrip("\n")).replace("\\-", "-").replace("\\(aq", "'")
            macro = line.split(" ", 1)[0]
            if macro in (".SH", ".SS", ".PP", ".P", ".LP", ".TP", ".IP", ".nf", ".EX", ".in"):
                body = clean(" ".join(paragraph))
                if section == "NAME" and body:
                    heading = body
                elif len(body) > 60:
                    yield heading, body
                paragraph = []
                if macro == ".SH":
                    section = line[4:].strip().strip('"')
            elif macro in (".B", ".I", ".BR", ".IR", ".RB", ".RI", ".BI", ".IB"):
                paragraph.append(line[len(macro) :].replace('"', ""))
            elif not line.startswith((".", "'")):
                paragraph.append(line)


def pod(folder):
    for path in sorted(folder.rglob("*.pod*")):
        data = gzip.open(path, "rt", errors="replace").read() if path.suffix == ".gz" else path.read_text(errors="replace")
        heading = ""
        for block in re.split(r"\n\s*\n", data):
            if block.startswith("=head"):
                heading = clean(re.sub(r"[A-Z]<+([^<>]*)>+", r"\1", block.split(" ", 1)[-1]))
            elif block[:1].isalpha():
                text = clean(re.sub(r"[A-Z]<+([^<>|]*)[^<>]*>+", r"\1", block))
                if len(text) > 60:
                    yield heading, text


def fortunes(folder):
    for path in sorted((folder / "usr/share/games/fortunes").glob("*")):
        if path.suffix or path.is_symlink():
            continue
        for quote in path.read_text(errors="replace").split("\n%\n"):
            if 40 < len(quote) < 600:
                yield "", clean(quote)


def descriptions(lists):
    """Package descriptions of apt's Translation-en files: the short one as heading, then the long one."""
    for path in sorted(lists.glob("*Translation-en")):
        heading, body = "", []
        for line in [*path.open(errors="replace"), "\n"]:
            if line.startswith("Description-en: "):
                heading, body = clean(line[16:]), []
            elif line.startswith(" ") and heading:
                body.append("\n" if line.strip() == "." else line.strip())
            elif line == "\n" and heading:
                yield heading, clean(" ".join(body))
                heading = ""


# Package of Debian 12, section main -> its reader.
READERS = {
    "wordnet-base": wordnet,
    "dict-gcide": gcide,
    "dict-foldoc": foldoc,
    "dict-jargon": jargon,
    "dict-vera": vera,
    "manpages": manual_pages,
    "manpages-dev": manual_pages,
    "perl-doc": pod,
    "fortunes": fortunes,
} | dict.fromkeys(
    [
        "debian-handbook",
        "debian-history",
        "debian-policy",
        "debian-reference-en",
        "developers-reference",
        "gimp-help-en",
        "git-doc",
        "gnucash-docs",
        "gnumed-doc",
        "grass-doc",
        "inkscape-tutorials",
        "installation-guide-amd64",
        "kicad-doc-en",
        "libreoffice-help-en-us",
        "lilypond-doc-html",
        "linux-doc-6.1",
        "maxima-doc",
        "octave-doc",
        "postgresql-doc-15",
        "python-astropy-doc",
        "python-biopython-doc",
        "python-scipy-doc",
        "python-sklearn-doc",
        "python-statsmodels-doc",
        "python3.11-doc",
        "r-doc-html",
    ],
    web_pages,
)
# Sources that nothing is fitted on: what the report measures is how the table does on text of a kind it has not seen.
HELD_OUT = {"developers-reference", "gnucash-docs", "python-biopython-doc"}
