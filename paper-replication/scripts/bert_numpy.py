"""A BERT forward pass and tokenizer in NumPy, in double precision, independent of the Rust program: its expected values.

    pip install -r requirements-bert.txt
    python3 bert_numpy.py tiny ../tests/data/tiny-bert
    python3 bert_numpy.py golden MODEL_DIR ../data/opticks-sentences.txt ../tests/data/minilm.json
    python3 bert_numpy.py compare MODEL_DIR ../data/opticks-sentences.txt tokens.safetensors

`tiny` makes a random model of 2 layers with its vocabulary, and what it answers. `golden` writes the word pieces of five sentences,
the first numbers of what the layers answer to them, and checksums of the word pieces of all sentences. `compare` reads what
`paper-replication minilm --capture` wrote for the same sentences and prints the largest differences, layer by layer.
"""

import json
import math
import struct
import sys
import unicodedata
import zlib
from pathlib import Path

import numpy as np

erf = np.vectorize(math.erf, otypes=[np.float64])


def read_safetensors(path):
    data = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, info in header.items():
        if name != "__metadata__" and info["dtype"] == "F32":
            start, end = (8 + length + offset for offset in info["data_offsets"])
            tensors[name] = np.frombuffer(data[start:end], "<f4").reshape(info["shape"]).astype(np.float64)
    return tensors


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, values in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [offset, offset + 4 * values.size]}
        offset += 4 * values.size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    body = b"".join(values.astype("<f4").tobytes() for values in tensors.values())
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + body)


# Word pieces


def is_punctuation(character):
    return 33 <= ord(character) < 127 and not character.isalnum() or unicodedata.category(character).startswith("P")


def words(sentence):
    """BERT's basic tokenizer for uncased models; Chinese characters do not occur here."""
    clean = []
    for character in sentence:
        if character in "\t\n\r" or unicodedata.category(character) == "Zs":
            clean.append(" ")
        elif ord(character) not in (0, 0xFFFD) and unicodedata.category(character)[0] != "C":
            clean.append(character)
    text = unicodedata.normalize("NFD", "".join(clean))
    text = "".join(character for character in text if unicodedata.category(character) != "Mn").lower()
    return "".join(f" {character} " if is_punctuation(character) else character for character in text).split()


def pieces(sentence, vocabulary, longest):
    numbers = []
    for word in words(sentence):
        found, start = [], 0
        while start < len(word):
            prefix = "##" if start else ""
            end = next((end for end in range(len(word), start, -1) if prefix + word[start:end] in vocabulary), None)
            if end is None or len(word) > 100:
                found = [vocabulary["[UNK]"]]
                break
            found.append(vocabulary[prefix + word[start:end]])
            start = end
        numbers += found
    return [vocabulary["[CLS]"], *numbers[: longest - 2], vocabulary["[SEP]"]]


# The model


def normalize(x, epsilon):
    return (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + epsilon)


def forward(weights, config, numbers):
    """Every place by name, tokens x width."""
    epsilon, heads = config["layer_norm_eps"], config["num_attention_heads"]
    places = {}

    def linear(name, x):
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(name, place, x):
        places[f"{place}.layer-norm"] = normalize(x, epsilon)
        places[f"{place}.scale"] = places[f"{place}.layer-norm"] * weights[f"{name}.weight"] + weights[f"{name}.bias"]
        return places[f"{place}.scale"]

    x = weights["embeddings.word_embeddings.weight"][numbers]
    x = x + weights["embeddings.position_embeddings.weight"][: len(numbers)] + weights["embeddings.token_type_embeddings.weight"][0]
    places["embeddings.sum"] = x
    x = norm("embeddings.LayerNorm", "embeddings", x)
    for layer in range(config["num_hidden_layers"]):
        name, place = f"encoder.layer.{layer}", f"layer{layer + 1}"
        query, key, value = (
            np.stack(np.split(linear(f"{name}.attention.self.{part}", x), heads, axis=1)) for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[2])
        shares = np.exp(scores - scores.max(axis=2, keepdims=True))
        shares /= shares.sum(axis=2, keepdims=True)
        mixed = np.concatenate(list(shares @ value), axis=1)
        places[f"{place}.attention.attention"] = linear(f"{name}.attention.output.dense", mixed)
        places[f"{place}.attention.residual"] = x + places[f"{place}.attention.attention"]
        x = norm(f"{name}.attention.output.LayerNorm", f"{place}.attention", places[f"{place}.attention.residual"])
        inner = linear(f"{name}.intermediate.dense", x)
        places[f"{place}.ffn.ffn"] = linear(f"{name}.output.dense", inner * 0.5 * (1 + erf(inner / math.sqrt(2))))
        places[f"{place}.ffn.residual"] = x + places[f"{place}.ffn.ffn"]
        x = norm(f"{name}.output.LayerNorm", f"{place}.ffn", places[f"{place}.ffn.residual"])
    return places


def outputs(places):
    ends = ("embeddings.scale", ".ffn.scale")
    return {name.split(".")[0]: values for name, values in places.items() if name.endswith(ends)}


def load(folder):
    folder = Path(folder)
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    longest = (tokenizer.get("truncation") or {}).get("max_length", 10**9)
    config = json.loads((folder / "config.json").read_text())
    return read_safetensors(folder / "model.safetensors"), config, tokenizer["model"]["vocab"], longest


def read_sentences(path):
    return [line.strip() for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()]


def write_json(path, value):
    """One entry of the outermost list or object a line; 12 digits of every number, far below single precision."""

    def rounded(value):
        if isinstance(value, float):
            return float(f"{value:.12g}")
        if isinstance(value, list):
            return [rounded(entry) for entry in value]
        return {name: rounded(entry) for name, entry in value.items()} if isinstance(value, dict) else value

    def text(value):
        return json.dumps(rounded(value), separators=(",", ":"))

    if isinstance(value, list):
        lines, ends = [text(entry) for entry in value], "[]"
    else:
        lines, ends = [f"{json.dumps(name)}: {text(entry)}" for name, entry in value.items()], "{}"
    Path(path).write_text(ends[0] + "\n" + ",\n".join(lines) + "\n" + ends[1] + "\n", encoding="utf-8")


# The commands


def tiny(folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghij", *("##" + c for c in "abcdefghij"), "bad", "##ed", "cafe", ".", ",", "'"]
    config = {
        "vocab_size": len(vocabulary), "max_position_embeddings": 12, "type_vocab_size": 2, "hidden_size": 8, "num_hidden_layers": 2,
        "num_attention_heads": 2, "intermediate_size": 20, "layer_norm_eps": 1e-12, "hidden_act": "gelu", "model_type": "bert",
    }
    random, width, inner = np.random.default_rng(7), 8, 20
    weights = {}

    def table(name, rows, columns):
        weights[name] = random.normal(0, 0.7, (rows, columns)).astype(np.float32)

    def linear(name, inputs, columns):
        table(f"{name}.weight", columns, inputs)
        weights[f"{name}.bias"] = random.normal(0, 0.3, columns).astype(np.float32)

    def norm(name):
        weights[f"{name}.weight"] = (1 + random.normal(0, 0.2, width)).astype(np.float32)
        weights[f"{name}.bias"] = random.normal(0, 0.2, width).astype(np.float32)

    table("embeddings.word_embeddings.weight", len(vocabulary), width)
    table("embeddings.position_embeddings.weight", 12, width)
    table("embeddings.token_type_embeddings.weight", 2, width)
    norm("embeddings.LayerNorm")
    for layer in range(2):
        name = f"encoder.layer.{layer}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            linear(f"{name}.attention.{part}", width, width)
        norm(f"{name}.attention.output.LayerNorm")
        linear(f"{name}.intermediate.dense", width, inner)
        linear(f"{name}.output.dense", inner, width)
        norm(f"{name}.output.LayerNorm")
    special = {name: {"id": name, "ids": [vocabulary.index(name)], "tokens": [name]} for name in ("[CLS]", "[SEP]")}
    tokenizer = {
        "version": "1.0",
        "truncation": {"max_length": 10, "strategy": "LongestFirst", "stride": 0},
        "padding": {"strategy": {"Fixed": 10}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": [],
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": special,
        },
        "decoder": None,
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
            "vocab": {piece: number for number, piece in enumerate(vocabulary)},
        },
    }
    write_safetensors(folder / "model.safetensors", weights)
    write_json(folder / "config.json", config)
    write_json(folder / "tokenizer.json", tokenizer)
    weights, config, vocabulary, longest = load(folder)
    cases = []
    for sentence in ("Caf\u00e9, bad.", "ABED", "badly j\u00e0'b", "a b c d e f g h i j"):
        numbers = pieces(sentence, vocabulary, longest)
        places = {name: values.tolist() for name, values in forward(weights, config, numbers).items()}
        cases.append({"sentence": sentence, "pieces": numbers, "places": places})
    write_json(folder / "expected.json", cases)


def golden(model, sentences, target):
    weights, config, vocabulary, longest = load(model)
    sentences = read_sentences(sentences)
    cases = []
    for index in (1, 56, 100, 300, 500):
        numbers = pieces(sentences[index], vocabulary, longest)
        layers = outputs(forward(weights, config, numbers))
        # The first components of the first and of the last token.
        layers = {name: [values[0, :8].tolist(), values[-1, :8].tolist()] for name, values in layers.items()}
        cases.append({"sentence": sentences[index], "pieces": numbers, "layers": layers})
    checksum = zlib.crc32(json.dumps([pieces(sentence, vocabulary, longest) for sentence in sentences], separators=(",", ":")).encode())
    write_json(target, {"cases": cases, "sentences": len(sentences), "crc32_of_all_pieces": checksum})


def compare(model, sentences, captured):
    weights, config, vocabulary, longest = load(model)
    captured = read_safetensors(captured)
    row, worst = 0, {}
    for sentence in read_sentences(sentences):
        numbers = pieces(sentence, vocabulary, longest)
        for name, values in outputs(forward(weights, config, numbers)).items():
            difference = np.abs(captured[name][row : row + len(numbers)] - values).max()
            worst[name] = max(worst.get(name, (0, 0))[0], difference), max(worst.get(name, (0, 0))[1], np.abs(values).max())
        row += len(numbers)
    print(f"{row} token positions; in the file: {len(captured['embeddings'])}")
    for name, (difference, largest) in worst.items():
        print(f"{name:<12} largest difference {difference:.2e}, largest value {largest:.2f}")


if __name__ == "__main__":
    {"tiny": tiny, "golden": golden, "compare": compare}[sys.argv[1]](*sys.argv[2:])
