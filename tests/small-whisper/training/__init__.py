"""Trains the small Whisper from nothing: espeak-ng speaks a closed language and a
model of 1.9 M parameters learns to write it down.
"""
