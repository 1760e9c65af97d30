"""Skips, and says so, what this Python lacks a package for."""

from __future__ import annotations

import importlib.util
import shutil
import warnings

_NEEDS = {
    "test_windows.py": ("numpy", "scipy"),
    "test_smoke.py": ("torch", "transformers", "ctranslate2", "faster_whisper", "numpy", "scipy"),
    "test_model.py": ("faster_whisper", "ctranslate2"),
}

collect_ignore = []
for _file, _packages in _NEEDS.items():
    _missing = [package for package in _packages if importlib.util.find_spec(package) is None]
    if _file != "test_model.py" and shutil.which("espeak-ng") is None:
        _missing.append("espeak-ng")
    if _missing:
        collect_ignore.append(_file)
        warnings.warn(f"NOT RUN: {_file} needs {', '.join(_missing)} (see requirements.txt)", stacklevel=1)


def pytest_report_header() -> list[str]:
    return [f"NOT RUN for want of packages: {file}" for file in collect_ignore]
