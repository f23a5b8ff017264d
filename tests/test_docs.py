"""What the documents say is so."""

import configparser
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()


def test_make_targets_in_the_documents_exist() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`?make (\w+)`?", README + CONTRIBUTING))
    assert {"serve", "test", "bench"} <= named <= targets | {"sure"}


def test_paths_in_the_documents_exist() -> None:
    for path in re.findall(r"`((?:tourism|tests|data|templates|benchmarks|docs)/[\w./-]*)`", README + CONTRIBUTING):
        assert (ROOT / path).exists(), path


def test_pictures_in_the_readme_exist() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert len(pictures) >= 2
    assert all((ROOT / picture).is_file() for picture in pictures)


def test_every_environment_variable_is_documented() -> None:
    read = set(re.findall(r'"([A-Z_]{4,})"', (ROOT / "tourism/config.py").read_text())) - {"BAD_SETTING"}
    assert read
    assert all(f"`{name}`" in README for name in read)


def test_every_dependency_has_a_reason() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    needed = [re.split(r"[<>=\[]", line)[0] for line in setup["options"]["install_requires"].split()]
    assert len(needed) > 15
    assert [name for name in needed if f"`{name}`" not in CONTRIBUTING] == []


def test_sources_names_only_files_that_are_shipped() -> None:
    sources = (ROOT / "data/SOURCES.md").read_text()
    for name in re.findall(r"\b\w+\.(?:csv|osm)\b", sources):
        assert (ROOT / "data" / name).is_file(), name
