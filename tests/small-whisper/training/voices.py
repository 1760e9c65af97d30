"""Owns the choice of voices: accents and variants for training, and others that training never hears."""

from __future__ import annotations

from random import Random

from training.espeak import Voice

_ACCENTS = {
    "gmw/en-US": 0.36,
    "gmw/en": 0.2,
    "gmw/en-GB-scotland": 0.16,
    "gmw/en-US-nyc": 0.08,
    "gmw/en-GB-x-rp": 0.08,
    "gmw/en-GB-x-gbcwmd": 0.06,
    "gmw/en-029": 0.06,
}

_VARIANTS = {
    "": 3,
    **dict.fromkeys(("m1", "m2", "m3", "m4", "m5", "m7", "m8", "f1", "f2", "f4", "f5"), 2),
    **dict.fromkeys(("Alex", "Annie", "steph", "adam", "linda", "michel", "Mike", "Lee", "edward", "anika"), 1),
}

HELD_OUT_VOICES = (
    "gmw/en-US+m6",
    "gmw/en-US+f3",
    "gmw/en-GB-scotland+f3",
    "gmw/en+m6",
    "gmw/en-GB-x-gbclan",
    "gmw/en-GB-x-gbclan+f2",
    "gmw/en-US+belinda",
    "gmw/en-US+john",
)


def draw_training_voice(rng: Random) -> Voice:
    """A voice with its speed and pitch, as training hears them."""
    accent = rng.choices(list(_ACCENTS), list(_ACCENTS.values()))[0]
    variant = rng.choices(list(_VARIANTS), list(_VARIANTS.values()))[0]
    name = f"{accent}+{variant}" if variant else accent
    return Voice(name, rate=rng.randint(120, 200), pitch=rng.randint(25, 75), pitch_range=rng.randint(25, 75))


def draw_held_out_voice(rng: Random) -> Voice:
    """A voice for evaluation, none of whose variants or accents is in training."""
    return Voice(rng.choice(HELD_OUT_VOICES), rng.randint(130, 190), rng.randint(25, 75), rng.randint(25, 75))
