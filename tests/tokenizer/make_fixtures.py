#!/usr/bin/env python3
"""Trains the small tokenizers of fixtures/: with the packages `tokenizers` and `sentencepiece`."""

import io
import json
import os
import unicodedata

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as model_format
from tokenizers import (AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers,
                        trainers)

from odd_texts import SENTENCES

HERE = os.path.dirname(os.path.abspath(__file__))
ADDED = [AddedToken("shard", single_word=True, normalized=False),
         AddedToken("New York", normalized=True), AddedToken("<sep>", rstrip=True, normalized=False)]


def word_piece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", AddedToken("[MASK]", lstrip=True)]
    trainer = trainers.WordPieceTrainer(vocab_size=1200, min_frequency=1, show_progress=False,
                                        special_tokens=special)
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return tokenizer


def unigram():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace("!", " ! "),
         normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    trainer = trainers.UnigramTrainer(vocab_size=700, show_progress=False, unk_token="<unk>",
                                      special_tokens=["<s>", "</s>", "<unk>"])
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return tokenizer


def rules():
    """(characters, text) for a charsmap: of every kind, and few."""
    wide = [chr(c) for c in range(0xFF01, 0xFF5F)]
    joined = ["e\u0301", "a\u0308", "o\u0308", "u\u0308", "n\u0303", "c\u0327", "か\u3099", "\u1112\u1161\u11ab"]
    compatible = [*wide, *joined, *"ﬁﬂﬀ①②③½ⅷ㎏㍿ÅﷺｶﾞＡ"]
    found = {text: unicodedata.normalize("NFKC", text) for text in compatible}
    found.update({c: " " for c in "\t\n\r\u00a0\u2028\u3000\u200b\ufeff"})
    found.update({c: "" for c in "\x01\x7f\u00ad\u200e"})
    found.update({"~": "-", "ß": "ss", "🙂": ":)", "…": "...", "\r\n": " "})
    return sorted((characters, text) for characters, text in found.items() if characters != text)


def sentence_piece():
    path = os.path.join(HERE, "rules.tsv")
    with open(path, "w", encoding="ascii") as file:
        for characters, text in rules():
            codes = [" ".join(f"{ord(c):X}" for c in side) for side in (characters, text)]
            file.write("\t".join(codes) + "\n")
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES), model_writer=out, vocab_size=700, byte_fallback=True,
        normalization_rule_tsv=path, character_coverage=0.98, minloglevel=2)
    os.remove(path)
    model = model_format.ModelProto()
    model.ParseFromString(out.getvalue())
    return model


def charsmap():
    model = sentence_piece()
    pieces = [(piece.piece, piece.score) for piece in model.pieces]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=model.trainer_spec.unk_id, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(model.normalizer_spec.precompiled_charsmap),
         normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")])
    return tokenizer


def main():
    for name, made in (("word_piece", word_piece()), ("unigram", unigram()), ("charsmap", charsmap())):
        made.add_tokens(ADDED)
        text = json.dumps(json.loads(made.to_str()), ensure_ascii=False, separators=(",", ":"))
        with open(os.path.join(HERE, "fixtures", f"{name}.json"), "w", encoding="utf-8") as file:
            file.write(text + "\n")
        print(name, made.get_vocab_size(), "tokens,", len(text), "characters")


if __name__ == "__main__":
    main()
