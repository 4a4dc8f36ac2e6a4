"""Known truth: 1,000 simulated shops in which the true effect of the win-back mail is known, each measured by Proof.

Population → who goes idle → arms → mails → orders → measure, on arrays. Who enters is taken from the world in which
nobody is mailed; the truth is the same shop with everybody mailed less nobody mailed, averaged over the enrolled.
Before launch, Proof says what can be proven at the size of the last 180 days; so many are then enrolled. The flow is
the shipped win-back up to its first mail. Prints a table and one JSON line, and fails where a promise is not kept.
`--quick` uses 100 shops, too few to judge by: it only reports.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.makers.known_truth import Seen

SEEDS, QUICK_SEEDS = 1000, 100
WORLDS_COMPARED_EVERY = 10
_NAMES = {"a": "ordered again", "b": "orders", "c": "revenue", "d": "margin"}


def prepare() -> None:
    """Make the product's rules and the makers of tests importable; no database is opened."""
    import django

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    os.environ["DJANGO_SETTINGS_MODULE"] = "kembali.config.settings"
    django.setup()


def see_some(seeds: range) -> tuple[list["Seen"], float]:
    """Look at some shops in this process; return also the processor seconds it took."""
    from tests.makers.known_truth import arrivals_of, see, study_of

    began = time.process_time()
    study = study_of()
    arrivals = arrivals_of(study)
    seen = [see(study, arrivals, seed, compare_worlds=seed % WORLDS_COMPARED_EVERY == 0) for seed in seeds]
    return seen, time.process_time() - began


def broken_promises(figures: dict[str, float]) -> list[str]:
    """Return what must hold over 1,000 shops and does not."""
    kept = {f"coverage_{letter}": 0.93 <= figures[f"coverage_{letter}"] <= 0.97 for letter in _NAMES}
    kept |= {f"false_positive_{letter}": 0.03 <= figures[f"false_positive_{letter}"] <= 0.07 for letter in _NAMES}
    kept["power"] = abs(figures["power_realised"] - figures["power_said"]) <= 0.05
    kept["width_ratio_a"] = figures["width_ratio_a"] <= 1.1
    kept["seconds"] = figures["seconds"] <= 600
    return [name for name, holds in kept.items() if not holds]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_SEEDS} shops instead of {SEEDS:,}")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    chosen = parser.parse_args()
    prepare()
    from tests.makers.known_truth import figures_of

    count = QUICK_SEEDS if chosen.quick else SEEDS
    began = time.perf_counter()
    parts = [range(first, min(first + 25, count)) for first in range(0, count, 25)]
    with multiprocessing.Pool(chosen.jobs) as pool:
        done = pool.map(see_some, parts, chunksize=1)
    figures = figures_of([seen for part, _ in done for seen in part])
    figures |= {"seconds": time.perf_counter() - began, "cpu_seconds": sum(cpu_s for _, cpu_s in done)}
    print(f"{count:,} shops in {figures['seconds']:.0f} s, {figures['cpu_seconds']:.0f} processor seconds")
    print(f"{'metric':<16}{'coverage':>10}{'false positives':>17}{'withheld':>10}")
    for letter, name in _NAMES.items():
        shares = [figures[f"{what}_{letter}"] for what in ("coverage", "false_positive", "withheld")]
        print(f"({letter}) {name:<12}{shares[0]:>10.1%}{shares[1]:>17.1%}{shares[2]:>10.1%}")
    print(f"power: {figures['power_said']:.1%} said before launch, {figures['power_realised']:.1%} realised")
    print(f"width of (a): {figures['width_ratio_a']:.3f} of the plain difference in means")
    broken = [] if chosen.quick else broken_promises(figures)
    if broken:
        print(f"NOT KEPT: {', '.join(broken)}")
    print(
        json.dumps(
            {"benchmark": "known_truth", "seeds": count, **{name: round(value, 4) for name, value in figures.items()}}
        )
    )
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
