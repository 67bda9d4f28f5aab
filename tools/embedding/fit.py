#!/usr/bin/env python3
"""Fits the table: the vector of a text is the sum of its pieces' rows, and shall be what the encoder makes of the text.

Rows begin as the encoder's vectors of the pieces themselves, brought to 256 dimensions (PCA without centring, so that
inner products stay) and weighed by frequency (SIF: Arora et al., ICLR 2017). Then Adam makes two losses small:
  - 1 - cosine of a text's vector with the encoder's;
  - the difference between whom of its block a text is near, by the table and by the encoder (Kullback-Leibler of the
    softmax of cosines, as in contrastive distillation). Blocks are made of neighbours, so that this is about fine
    differences.
Writes table.npy (float32 [pieces, 256]) and projection.npy; prints how close held-out texts come.

    tools/embedding/fit.py FOLDER
"""
import argparse
import gzip
import json
import pathlib
import time

import numpy as np
import torch

DIMENSION = 256
TOKENS_MAX = 160
SIF = 1e-3
BATCH = 2048
BLOCK = 256  # texts of a batch that are compared with each other
NEIGHBOURS = 32  # texts of a block that are near each other
TEMPERATURE = 0.05
SEED = 1


def load(folder):
    """texts, their token ids, the encoder's vectors; as many as the encoder has read."""
    from tokenizers import Tokenizer

    vectors = np.concatenate([np.load(p) for p in sorted((folder / "vectors").glob("*.npy"))])
    with gzip.open(folder / "texts.jsonl.gz", "rt") as file:
        texts = [json.loads(line) for _, line in zip(range(len(vectors)), file)]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    unknown = tokenizer.token_to_id("[UNK]")
    ids = []
    for start in range(0, len(texts), 20_000):
        for encoding in tokenizer.encode_batch([t["text"] for t in texts[start : start + 20_000]]):
            ids.append(np.array([i for i in encoding.ids[:TOKENS_MAX] if i != unknown], np.int64))
    return texts, ids, vectors


def principal_axes(vectors):
    """[384, 256]: the axes on which the vectors are longest."""
    sample = vectors[:100_000].astype(np.float32)
    values, axes = np.linalg.eigh(sample.T @ sample)
    order = np.argsort(-values)[:DIMENSION]
    print(f"{values[order].sum() / values.sum():.2%} of the squared length is in {DIMENSION} dimensions")
    return np.ascontiguousarray(axes[:, order])


def initial_table(folder, axes):
    words = np.load(folder / "words.npy").astype(np.float32) @ axes
    seen = np.load(folder / "frequency.npy")
    words /= np.maximum(np.linalg.norm(words, axis=1, keepdims=True), 1e-9)
    return words * (SIF / (SIF + seen / seen.sum()))[:, None].astype(np.float32)


def pooled(table, ids, rows):
    flat = torch.from_numpy(np.concatenate([ids[r] for r in rows]))
    offsets = torch.from_numpy(np.cumsum([0] + [len(ids[r]) for r in rows[:-1]]))
    return torch.nn.functional.normalize(torch.nn.functional.embedding_bag(flat, table, offsets, mode="sum"), dim=1)


def groups_of_neighbours(vectors, rows, generator):
    """Rows in an order in which every NEIGHBOURS following each other are near: by random hyperplanes, new each time."""
    planes = generator.standard_normal((vectors.shape[1], 14)).astype(np.float32)
    codes = ((vectors[rows].astype(np.float32) - vectors[:5000].astype(np.float32).mean(0)) @ planes > 0) @ (1 << np.arange(14))
    order = np.lexsort((generator.random(len(rows)), codes))
    whole = len(rows) // NEIGHBOURS * NEIGHBOURS
    groups = rows[order][:whole].reshape(-1, NEIGHBOURS)
    return groups[generator.permutation(len(groups))].reshape(-1)


def losses(made, wanted_short, wanted):
    direct = (1 - (made * wanted_short).sum(1)).mean()
    itself = 1e4 * torch.eye(BLOCK)

    def cosines(vectors):
        blocks = vectors.view(-1, BLOCK, vectors.shape[1])
        return (blocks @ blocks.transpose(1, 2) / TEMPERATURE - itself).view(-1, BLOCK)

    near = torch.nn.functional.log_softmax(cosines(made), 1)
    return direct, torch.nn.functional.kl_div(near, torch.softmax(cosines(wanted), 1), reduction="batchmean")


def closeness(table, ids, vectors, axes, rows):
    """Mean cosine with the encoder's vectors, and how well cosines between texts agree (Pearson's correlation)."""
    with torch.no_grad():
        made = pooled(table, ids, rows).numpy()
    wanted = vectors[rows].astype(np.float32)
    short = wanted @ axes
    short /= np.linalg.norm(short, axis=1, keepdims=True)
    upper = np.triu_indices(min(len(rows), 3000), 1)
    pairs = [(v[:3000] @ v[:3000].T)[upper] for v in (made, wanted)]
    return (made * short).sum(1).mean(), np.corrcoef(*pairs)[0, 1]


def with_usual_length(table, folder, ids):
    """Words that no fitted text has keep where they point to, and weigh what rare words weigh."""
    from tokenizers import Tokenizer

    seen = np.bincount(np.concatenate(ids), minlength=len(table))
    lengths = np.linalg.norm(table, axis=1)
    usual = np.median(lengths[(seen >= 5) & (seen < 100)])
    pieces = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab()
    for piece, row in pieces.items():
        if seen[row] == 0 and len(piece.removeprefix("##")) > 1 and not piece.startswith("["):
            table[row] *= usual / lengths[row]
    return table


def main():
    import sources

    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--epochs", type=int, default=14)
    arguments.add_argument("--rate", type=float, default=6e-3)
    arguments.add_argument("--relation", type=float, default=0.5, help="weight of the second loss")
    chosen = arguments.parse_args()
    folder, generator = chosen.folder, np.random.default_rng(SEED)
    torch.manual_seed(SEED)
    texts, ids, vectors = load(folder)
    axes = principal_axes(vectors)
    filled = np.array([len(i) > 0 for i in ids])
    held_out = np.array([t["held_out"] for t in texts])
    other = np.array([t["source"] in sources.HELD_OUT for t in texts])
    fitted = np.flatnonzero(filled & ~held_out)
    checks = {"held-out texts": np.flatnonzero(filled & held_out & ~other)[:6000], "held-out sources": np.flatnonzero(filled & other)[:6000]}
    wanted = torch.from_numpy(vectors.astype(np.float32))
    short = torch.nn.functional.normalize(wanted @ torch.from_numpy(axes), dim=1)
    table = torch.nn.Parameter(torch.from_numpy(initial_table(folder, axes)))
    # Lengths of rows differ by orders of magnitude, and with them what a good step is.
    with torch.no_grad():
        table.mul_(1 / table.norm(dim=1).mean())
    optimizer = torch.optim.Adam([table], lr=chosen.rate, betas=(0.9, 0.99))
    steps = len(fitted) // BATCH * chosen.epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, chosen.rate, total_steps=steps + 1, pct_start=0.05)

    def tell(name):
        for what, rows in checks.items():
            cosine, agreement = closeness(table, ids, vectors, axes, rows)
            print(f"{name}: {what}: cosine {cosine:.4f}, agreement {agreement:.4f}", flush=True)

    print(f"{len(fitted)} texts to fit, {sum(map(len, checks.values()))} held out")
    tell("before")
    for epoch in range(chosen.epochs):
        began, sums = time.time(), np.zeros(2)
        order = groups_of_neighbours(vectors, fitted, generator)
        for start in range(0, len(order) - BATCH + 1, BATCH):
            rows = order[start : start + BATCH]
            direct, relation = losses(pooled(table, ids, rows), short[rows], wanted[rows])
            optimizer.zero_grad()
            (direct + chosen.relation * relation).backward()
            optimizer.step()
            if schedule.last_epoch < steps:
                schedule.step()
            sums += [direct.item(), relation.item()]
        print(f"epoch {epoch + 1}: losses {sums / max(1, len(order) // BATCH)}, {time.time() - began:.0f} s")
        tell(f"epoch {epoch + 1}")
    made = with_usual_length(table.detach().numpy(), folder, [ids[row] for row in fitted])
    np.save(folder / "table.npy", made)
    np.save(folder / "projection.npy", axes)


if __name__ == "__main__":
    main()
