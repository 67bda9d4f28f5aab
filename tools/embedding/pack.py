#!/usr/bin/env python3
"""Packs a fitted table as a model folder: model.safetensors (int8 rows, a weight for each), tokenizer.json, config.json.

The layout is that of model2vec, whose Python package reads it too. Refuses what would be above 10 MB.

    tools/embedding/pack.py FOLDER assets/embedding
"""
import argparse
import json
import pathlib
import shutil

import numpy as np
from safetensors.numpy import save_file

BYTES_MAX = 10_000_000


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("target", type=pathlib.Path)
    chosen = arguments.parse_args()
    table = np.load(chosen.folder / "table.npy")
    scales = np.maximum(np.abs(table).max(axis=1), 1e-12) / 127
    rows = np.round(table / scales[:, None]).astype(np.int8)
    # Only ratios of weights matter, as vectors are brought to length 1: 1 is the weight of a typical row.
    weights = (scales / np.median(scales)).astype(np.float32)
    chosen.target.mkdir(parents=True, exist_ok=True)
    save_file({"embeddings": rows, "weights": weights}, chosen.target / "model.safetensors")
    shutil.copy(chosen.folder / "tokenizer.json", chosen.target)
    config = {"model_type": "model2vec", "architectures": ["StaticModel"], "hidden_dim": table.shape[1], "normalize": True}
    (chosen.target / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    total = sum((chosen.target / name).stat().st_size for name in ("model.safetensors", "tokenizer.json", "config.json"))
    print(f"{total} bytes in {chosen.target}")
    if total > BYTES_MAX:
        raise SystemExit(f"that is more than {BYTES_MAX}")


if __name__ == "__main__":
    main()
