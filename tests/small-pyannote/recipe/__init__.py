"""How the small pyannote models are made: `python -m recipe --out FOLDER`, from the folder above."""
