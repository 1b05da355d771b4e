"""Sentences of Newton's Opticks, one a line, for `paper-replication minilm`.

    python3 opticks_sentences.py Isaac.Newton-Opticks.txt ../data/opticks-sentences.txt

The book (4th edition, 1730) is in the public domain. Its text is a file of the Debian package golang-1.19-src:
/usr/share/go-1.19/src/testdata/Isaac.Newton-Opticks.txt.

Kept are the first 700 different sentences of 6 to 40 words that begin with a capital letter, have no figures' letters standing
alone (they would be most of the tokens of a proof), and end in a full stop or a question mark.
"""

import re
import sys

COUNT = 700


def sentences(text):
    for paragraph in re.split(r"\n\s*\n", text):
        line = re.sub(r"\[[^\]]*\]|[_=]", "", " ".join(paragraph.split()))
        # Not after abbreviations: Fig. 2, Prop. V., Sir I. Newton, &c.
        for sentence in re.split(r"(?<![A-Z]\.)(?<!Fig\.)(?<!Prop\.)(?<!&c\.)(?<!Exper\.)(?<!Part\.)(?<=[.?])\s+(?=[A-Z])", line):
            yield sentence.strip()


def wanted(sentence):
    words = sentence.split()
    return (
        6 <= len(words) <= 40
        and re.match(r"[A-Z][a-z]", sentence)
        and sentence[-1] in ".?"
        and not re.search("ranscriber|Produced by", sentence)
        and not re.search(r"\b[B-HJ-Z]\b|\b[A-Z]{2,}\b|\d", sentence)
    )


def main():
    source, target = sys.argv[1:]
    kept = []
    for sentence in sentences(open(source, encoding="utf-8").read()):
        if wanted(sentence) and sentence not in kept:
            kept.append(sentence)
    if len(kept) < COUNT:
        sys.exit(f"only {len(kept)} sentences")
    with open(target, "w", encoding="utf-8") as file:
        file.write("\n".join(kept[:COUNT]) + "\n")


main()
