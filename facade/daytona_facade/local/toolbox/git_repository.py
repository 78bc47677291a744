"""This side of a clone: a repository as go-git lays it out, filled by the git of this machine."""

import asyncio
import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from .git_remote import Advertisement, Category, GitError, Remote
from .go_text import reason
from .shell import kill_group
from .upload_target import make_folder

# go-git writes files as they are in the repository, whatever .gitattributes asks for.
AS_THEY_ARE = "* -text -ident -filter !working-tree-encoding\n"
ZERO = "0" * 40
# What git says when the remote has changed its mind since it was looked at.
SAYINGS: tuple[tuple[str, Category, str], ...] = (
    (r"could not read Username|Authentication failed|HTTP Basic", "auth", "authentication required"),
    (r"returned error: 403", "forbidden", "authorization failed"),
    (r"returned error: 404|repository .* not found", "no repository", "repository not found"),
    (r"unable to access|Failed to connect|Could not resolve|early EOF", "transport", ""),
)


class Repository:
    """A new repository in a folder that may hold other things already."""

    def __init__(self, path: str) -> None:
        self.environment: dict[str, str] = {}
        self._path = path
        self._folder = Path(path, ".git")
        self._command = ("git", f"--git-dir={self._folder.absolute()}", f"--work-tree={Path(path).absolute()}")
        self._was_empty = self._was_absent = False

    def create(self) -> None:
        """Make the folders; raises GitError where that cannot be, or a repository is there already."""
        try:
            self._was_empty = not os.listdir(self._path)
        except FileNotFoundError:
            self._was_empty = self._was_absent = True
        except NotADirectoryError:
            kind = "path is not a directory: {}" if os.path.lexists(self._path) else "stat {}: not a directory"
            raise GitError("other", kind.format(self._path)) from None
        except (OSError, ValueError) as exc:
            raise GitError("other", f"stat {self._path}: {reason(exc)}") from None
        if (self._folder / "HEAD").exists():
            raise GitError("exists", "repository already exists")
        for folder in (*Path(self._path).parents[::-1], Path(self._path), self._folder):
            self._make(folder)
        for name in ("objects", "refs/heads", "info"):
            for part in (Path(name).parent, Path(name)):
                self._make(self._folder / part)

    def _make(self, folder: Path) -> None:
        try:
            make_folder(str(folder), 0o755)
        except OSError as exc:
            raise GitError("other", f"mkdir {folder}: {reason(exc)}") from None

    def remove(self) -> None:
        """Take away what a failed clone has left, but nothing that was there before."""
        if self._was_absent:
            shutil.rmtree(self._path, ignore_errors=True)
        elif self._was_empty:
            for name in os.listdir(self._path):
                with suppress(OSError):
                    Path(self._path, name).unlink()
                shutil.rmtree(Path(self._path, name), ignore_errors=True)

    async def fill(self, remote: Remote, url: str, has: Advertisement, branch: str, depth: int) -> None:
        """Fetch one branch with all tags, and write its files over whatever has their names; raises GitError."""
        source = f"refs/heads/{branch}" if branch else "HEAD"
        commit = has.references.get(source)
        if commit is None:
            # go-git reads the name out of a list of words.
            raise GitError("no branch", f'couldn\'t find remote ref "{source.split(maxsplit=1)[0]}"')
        local = source if branch else has.head
        tracking = f"refs/remotes/origin/{branch or 'HEAD'}"
        self._write("HEAD", f"ref: {local}\n" if local.startswith("refs/heads/") else f"{commit}\n")
        self._write("config", configuration(url, f"+{source}:{tracking}", local))
        words = [
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--update-shallow",
            "--no-recurse-submodules",
        ]
        words += [f"--depth={depth}"] if depth else []
        await self._git(*words, "--", remote.address, f"+{source}:{tracking}", "+refs/tags/*:refs/tags/*")
        if local.startswith("refs/heads/"):
            self._write(local, f"{commit}\n")
        await self._write_files(commit)
        if not depth:
            # go-git does not note that a remote lacks the rest of its history.
            (self._folder / "shallow").unlink(missing_ok=True)

    async def check_out(self, name: str) -> None:
        """Move to a commit, read as go-git reads a hash; raises GitError, and the clone stays."""
        commit = go_hash(name)
        if commit == ZERO:
            if not (self._folder / "refs/heads/master").exists():
                raise GitError("missing", "reference not found")
            return
        try:
            kind = await self._git("cat-file", "-t", commit)
        except GitError:
            raise GitError("missing", "object not found") from None
        if kind.strip() not in ("commit", "tag"):
            raise GitError("other", f'unsupported object type: "{kind.strip()}"')
        self._write("HEAD", f"{commit}\n")
        await self._write_files(commit)

    async def _write_files(self, commit: str) -> None:
        self._write("info/attributes", AS_THEY_ARE)
        try:
            await self._git("read-tree", "--reset", "-u", commit)
        finally:
            (self._folder / "info/attributes").unlink()

    def _write(self, name: str, content: str) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, errors="surrogateescape")

    async def _git(self, *words: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self.environment,
            process_group=0,
        )
        try:
            output, _ = await process.communicate()
        finally:
            if process.returncode is None:
                kill_group(process.pid)
        said = output.decode(errors="replace")
        if process.returncode:
            raise failure(said)
        return said


def configuration(url: str, refspec: str, local: str) -> str:
    """Write the configuration of a clone, and no more into it than go-git does."""
    text = (
        f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {quoted(without_credentials(url))}\n\tfetch = {refspec}\n'
    )
    if not local.startswith("refs/heads/"):
        return text
    branch = local.removeprefix("refs/heads/")
    return text + f"[branch {quoted(branch, always=True)}]\n\tremote = origin\n\tmerge = {quoted(local)}\n"


def without_credentials(url: str) -> str:
    """Take the user and the password out of a URL."""
    return re.sub(r"^(\w+://)[^/?#]*@", r"\1", url)


def quoted(value: str, *, always: bool = False) -> str:
    """Quote a value for a configuration file, where it needs that."""
    if always or re.search(r"[#;\\\"\n\t]|^ | $", value):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return f'"{escaped}"'
    return value


def go_hash(text: str) -> str:
    """Read a hash as go-git does: hexadecimal digits by twos up to the first that is none, filled up with zeros."""
    found = re.match(r"(?:[0-9a-fA-F]{2})*", text)
    digits = found[0].lower() if found else ""
    return digits[:40].ljust(40, "0")


def failure(said: str) -> GitError:
    """Translate what git says."""
    for pattern, category, words in SAYINGS:
        if re.search(pattern, said, re.IGNORECASE):
            return GitError(category, words or said.strip())
    return GitError("other", said.strip())
