"""Programs of app makers in an environment of their own, which ask us to do what a member does."""

import subprocess
from collections.abc import Callable
from pathlib import Path

Answer = Callable[[str], str]  # to the rest of a line


def talk(published: Path, program: str, known: dict[str, str], **answers: Answer) -> list[str]:
    """Run a program; answer each line that begins with one of these words; return the lines that it says."""
    line, pipe = [published / "python", "-uc", program], subprocess.PIPE
    said: list[str] = []
    with subprocess.Popen(line, env=known, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for heard in running.stdout:
            said.append(heard.rstrip("\n"))
            word, _, rest = said[-1].partition(" ")
            if word in answers:
                running.stdin.write(answers[word](rest) + "\n")
                running.stdin.flush()
        trouble = running.stderr.read() if running.stderr else ""
    assert running.returncode == 0, trouble
    return said
