"""From nothing to a CTranslate2 folder in one command: python -m training --out FOLDER."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch

from training import bank
from training.ct2_weights import load_ctranslate2
from training.export import export_ctranslate2, export_hugging_face
from training.schedule import CONTINUATION, FROM_NOTHING, SMOKE, Plan
from training.trainer import Training, new_network


def main() -> None:
    """Speak the bank, train, export; each part is skipped as far as the folder already holds it."""
    chosen = _arguments()
    torch.set_num_threads(chosen.threads)
    plan, began = _plan(chosen), time.monotonic()

    def tell(line: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {line}", flush=True)

    chosen.out.mkdir(parents=True, exist_ok=True)
    speech = chosen.bank or chosen.out / "bank"
    tell(f"{plan.steps} steps: about {plan.minutes:.0f} min, and 2 min for the speech")
    bank.synthesise(speech, plan.utterances, chosen.seed)
    tell(f"{bank.Bank(speech).hours:.1f} h of speech")
    network = new_network(chosen.seed)
    if chosen.start_from is not None:
        load_ctranslate2(network, chosen.start_from)
    workers = 0 if chosen.smoke else 1
    training = Training(speech, chosen.out / "checkpoint.pt", plan, chosen.seed, workers)
    trained = training.run(network, tell)
    export_hugging_face(trained, chosen.out / "hugging-face")
    export_ctranslate2(chosen.out / "hugging-face", chosen.out / "model")
    tell(f"done: {chosen.out / 'model'}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the bank, the checkpoint and the model")
    parser.add_argument("--bank", type=Path, help="folder of a bank to share between trainings (default: OUT/bank)")
    parser.add_argument("--seed", type=int, default=1234)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--start-from", type=Path, help="continue from a float16 CTranslate2 folder on dense windows")
    parser.add_argument("--minutes", type=float, help="fewer or more steps: what so many minutes would hold")
    parser.add_argument("--smoke", action="store_true", help="six steps, to see that every part works")
    return parser.parse_args()


def _plan(chosen: argparse.Namespace) -> Plan:
    if chosen.smoke:
        return SMOKE
    plan = FROM_NOTHING if chosen.start_from is None else CONTINUATION
    return plan if chosen.minutes is None else plan.in_minutes(chosen.minutes)


if __name__ == "__main__":
    main()
