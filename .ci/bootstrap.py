"""Makes `.venv/` from the pinned requirements, with nothing but a Python and a pip of the machine.

    python3 .ci/bootstrap.py          what runs (requirements.txt)
    python3 .ci/bootstrap.py --dev    what tests and checks need on top (requirements-dev.txt)

Does nothing, and asks no network, while the stamp of the last run matches the requirement files. Commands
of the environment are always called as `.venv/bin/python -m ...`: the first line of a script cannot hold a
path with spaces. This file is also read by interpreters that are too old for the portal: keep its syntax
plain.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time

OLDEST = (3, 11)
THIS = ".".join(map(str, sys.version_info[:2]))
CANDIDATES = ("python3.14", "python3.13", "python3.12", "python3.11")
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")


def stop(sentence):
    """To be raised: the sentence on the error stream, exit code 1."""
    return SystemExit("\n" + sentence)


def say(sentence):
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def version_of(python):
    """(3, 11) for a Python that runs, None for one that does not (a shim without its interpreter, say)."""
    try:
        out = subprocess.run(
            [python, "-c", "import sys; print(*sys.version_info[:2])"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=30,
            check=False,
        )
        major, minor = out.stdout.split()
        return int(major), int(minor)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def continue_with_a_newer_python():
    for name in CANDIDATES:
        path = shutil.which(name)
        if path and (version_of(path) or (0, 0)) >= OLDEST:
            os.execv(path, [path, os.path.abspath(__file__)] + sys.argv[1:])
    raise stop(
        f"The portal needs Python 3.11 or newer; this is Python {THIS}, and the PATH has no newer one.\n"
        "Install one, or name it: make run PYTHON=/path/to/python3.11"
    )


def stamp_text(files):
    digest = hashlib.sha256()
    for name in files:
        with open(os.path.join(ROOT, name), "rb") as source:
            digest.update(source.read())
    return f"{digest.hexdigest()} python {THIS}\n"


def is_current(stamp, text):
    try:
        with open(stamp) as source:
            return source.read() == text and version_of(PYTHON) == tuple(sys.version_info[:2])
    except OSError:
        return False


def make_venv():
    if version_of(PYTHON) == tuple(sys.version_info[:2]):
        return
    say(f"making .venv with Python {THIS}")
    # Without pip: Debian's python3 has the venv module but not ensurepip.
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV], check=False)
    if done.returncode != 0:
        raise stop("The environment .venv could not be made; the lines above say why.")


def pip_version(command):
    try:
        out = subprocess.run(
            command + ["--version"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=False,
        ).stdout.decode()
        return tuple(int(part) for part in out.split()[1].split(".")[:2])
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return None


def pip_command():
    """How to install into `.venv`: the machine's pip, else ensurepip's, else an old pip of the same
    Python.
    """
    own = [sys.executable, "-m", "pip"]
    others = [[path] for path in map(shutil.which, ("pip3", "pip")) if path]
    for command in [own] + others:
        if (pip_version(command) or (0, 0)) >= (22, 3):
            return command + ["--python", PYTHON, "install"]
    made = subprocess.run(
        [PYTHON, "-m", "ensurepip"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    if made.returncode == 0:
        return [PYTHON, "-m", "pip", "install"]
    if pip_version(own):
        packages = os.path.join(VENV, "lib", f"python{THIS}", "site-packages")
        return own + ["install", "--upgrade", "--target", packages]
    raise stop(
        f"No pip was found for {sys.executable}, and its ensurepip module is missing.\n"
        "Install pip (Debian and Ubuntu: apt-get install python3-pip) and start again."
    )


def install(requirements):
    settings = {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_USER": "0",
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PIP_NO_INPUT": "1",
    }
    command = pip_command() + [
        "--quiet",
        "--prefer-binary",
        "--no-warn-script-location",
        "-r",
        os.path.join(ROOT, requirements),
    ]
    done = subprocess.run(command, env=dict(os.environ, **settings), cwd=ROOT, check=False)
    if done.returncode != 0:
        raise stop(
            f"The packages in {requirements} could not be installed; the lines above say why. "
            "The same command goes on from here."
        )


def main():
    if sys.platform == "win32":
        raise stop("The embedded servers run on Linux and macOS; on Windows use the Linux subsystem (WSL).")
    if sys.version_info < OLDEST:
        continue_with_a_newer_python()
    import fcntl

    files = ["requirements.txt"] + (["requirements-dev.txt"] if "--dev" in sys.argv[1:] else [])
    stamps = [
        (os.path.join(VENV, f".{name}.stamp"), stamp_text(files[: n + 1])) for n, name in enumerate(files)
    ]
    with open(os.path.abspath(__file__)) as itself:
        fcntl.flock(itself, fcntl.LOCK_EX)
        if all(is_current(path, text) for path, text in stamps):
            return
        began = time.time()
        make_venv()
        say(f"installing {files[-1]} into .venv")
        install(files[-1])
        for path, text in stamps:
            with open(path, "w") as target:
                target.write(text)
        say(f"installed {files[-1]} in {time.time() - began:.0f} s")


if __name__ == "__main__":
    main()
