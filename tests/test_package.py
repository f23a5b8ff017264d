"""The wheel carries pages and data, and runs from another folder."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_wheel_installs_into_a_clean_environment_and_runs_elsewhere(tmp_path: Path) -> None:
    source = tmp_path / "source"  # a copy, so that no earlier build can lend it a file
    left_out = shutil.ignore_patterns(".*", "build", "*.egg-info", "instance", "tests", "__pycache__")
    shutil.copytree(ROOT, source, ignore=left_out)
    build = [sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), str(source)]
    subprocess.run(build, check=True, capture_output=True, cwd=tmp_path)
    wheel = next(tmp_path.glob("*.whl"))
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv/bin/python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check", str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)
    # The dependencies are those of this environment; the project itself must come from the wheel.
    here = next(p for p in map(Path, sys.path) if p.name == "site-packages")
    links = tmp_path / "dependencies"
    links.mkdir()
    for entry in here.iterdir():
        if "kongkow" not in entry.name and not entry.name.startswith("__editable__") and entry.suffix != ".pth":
            (links / entry.name).symlink_to(entry)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    env = {"PYTHONPATH": str(links), "PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{elsewhere}/db.sqlite"}

    def run(*words: str) -> str:
        command = [str(python), "-W", "ignore", *words]
        done = subprocess.run(command, env=env, cwd=elsewhere, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert str(tmp_path / "venv") in run("-c", "import tourism; print(tourism.__file__)")
    assert "ready" in run("-m", "tourism.app", "init")
    assert "Leave at 23:53" in run("-m", "tourism.app", "plan", "--date", "2026-12-05", "--party", "4")
    script = "from tourism.app import web; get = web().test_client().get; print(get('/').status, get('/map.js').status)"
    assert run("-c", script).strip() == "200 OK 200 OK"
