"""A stand-in for Heroku's build system: builds an app with one classic buildpack, as the platform would.

`Build` is for tests, `main` for script/heroku-build. It imitates the directory tree, the clean environment, the
order detect, compile, report, release; the lines around the buildpack's own in the log; the event recorded afterwards; a
cache that survives only successful builds.
"""

from __future__ import annotations

import argparse
import codecs
import hashlib
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, TextIO

import yaml

from tools import buildpack_tree, platform_report, script_runner

DEFAULT_URL = "https://github.com/heroku/heroku-buildpack-heroku-integration-service-mesh"
PHASES = ("detect", "compile", "report", "release")


@dataclass
class Build:
    """One build of `app`. State that lives longer than a build (the cache) is kept below `work`.

    on_start(phase, process)  called when a phase's script has been started; may kill it (os.killpg: with all it started)
    on_output(phase, text)    called with output of compile as it comes; may kill it too
    log                       gets the build log, as a user sees it
    """

    app: Path
    work: Path
    buildpack: Path = buildpack_tree.CHECKOUT
    helper: Path | None = None
    buildpack_url: str = DEFAULT_URL
    config: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    stack: str = "heroku-24"
    user: str | None = None
    timeout: float = 15 * 60
    grace: float = script_runner.GRACE_SECONDS
    report_timeout: float = 60
    log: Callable[[str], None] = lambda text: None
    on_start: Callable[[str, subprocess.Popen], None] = lambda phase, process: None
    on_output: Callable[[str, str], None] = lambda phase, text: None

    def run(self) -> Result:
        """Builds. Does not raise for failures of a buildpack."""
        return _Run(self).run()


@dataclass
class Result:
    """The result of a build. `output` is the whole log."""

    exit_code: int = 1
    output: str = ""
    name: str = ""
    timed_out: bool = False
    report_output: bytes = b""
    report: dict[str, platform_report.Value] | None = None
    report_error: str = ""
    event: dict[str, platform_report.Value] = field(default_factory=dict)
    processes: dict[str, str] = field(default_factory=dict)
    build_dir: Path = Path()
    cache_dir: Path = Path()
    env_dir: Path = Path()
    buildpack_dir: Path = Path()

    @property
    def failed(self) -> bool:
        return self.exit_code != 0


class _Run:
    """Runs the steps of a build in order."""

    def __init__(self, build: Build):
        self.build = build
        work = build.work.resolve()
        self.stored_cache = work / "stored-cache"
        codon = work / "codon" / "tmp"
        self.result = Result(
            build_dir=work / f"build_{secrets.token_hex(4)}",
            cache_dir=codon / "cache",
            env_dir=work / f"d{secrets.token_hex(4)}",
            buildpack_dir=codon / "buildpacks" / hashlib.sha1(build.buildpack_url.encode()).hexdigest(),
        )
        self.log_file = work / "buildpack.log"
        # The same for every phase of a build, and for no other build.
        self.request_id = str(uuid.uuid4())
        self.source_version = secrets.token_hex(20)
        # A piece of output may end in the middle of a character.
        self.decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def run(self) -> Result:
        self._prepare()
        self._step(f"Building on the {self.build.stack.replace('heroku', 'Heroku')} stack")
        self._step(f"Using buildpack: {self.build.buildpack_url}")
        if self._detect():
            compiled = self._compile()
            self._report()
            if compiled:
                self._release()
        self._finish()
        return self.result

    # --- the phases ---

    def _detect(self) -> bool:
        name, complaint = bytearray(), bytearray()
        ended = self._script("detect", [self.result.build_dir], name.extend, complaint.extend)
        if ended.code == 0:
            self.result.name = _text(name).strip()
            self._step(f"{self.result.name} app detected")
            return True
        self._step(f"App not compatible with buildpack: {self.build.buildpack_url}")
        self._detail(_text(complaint))
        self._detail("More info: https://devcenter.heroku.com/articles/buildpacks#detection-failure")
        return False

    def _compile(self) -> bool:
        ended = self._script("compile", self._directories(), lambda data: self._relay("compile", data), None)
        self.result.exit_code = ended.code
        self.result.timed_out = ended.timed_out
        if ended.timed_out:
            self.result.exit_code = ended.code or 1
            minutes = f"{self.build.timeout / 60:g} minutes"
            self._error(f"Timed out compiling {self.result.name} app ({minutes})")
        elif ended.code != 0:
            self._error(f"Push rejected, failed to compile {self.result.name} app.")
        return self.result.exit_code == 0

    def _report(self) -> None:
        output = bytearray()
        if not self._has("report"):
            return
        ended = self._script("report", self._directories(), output.extend, lambda data: None)
        self.result.report_output = bytes(output)
        try:
            if ended.timed_out or ended.code != 0:
                raise platform_report.ReportError("timed out" if ended.timed_out else f"exit code {ended.code}")
            self.result.report = platform_report.parse(bytes(output))
        except platform_report.ReportError as error:
            self.result.report_error = str(error)
            # On the platform this goes to the operators' log, here to the same log.
            self._say(f"buildpack.report.failed: {error}\n")

    def _release(self) -> None:
        processes: dict[str, str] = {}
        if self._has("release"):
            output = bytearray()
            ended = self._script("release", [self.result.build_dir], output.extend, lambda data: self._relay("release", data))
            try:
                processes = _default_processes(output)
            except (yaml.YAMLError, ValueError):
                ended.code = ended.code or 1
            if ended.code != 0:
                self.result.exit_code = ended.code
                self._error(f"Push rejected, failed to release {self.result.name} app.")
                return
        declared = procfile(self.result.build_dir)
        self._step("Discovering process types")
        self._detail(f"Procfile declares types -> {', '.join(sorted(declared)) or '(none)'}")
        self.result.processes = {**processes, **declared}

    def _finish(self) -> None:
        if self.result.failed:
            self._error("Push failed")
        else:
            _replace_tree(self.stored_cache, self.result.cache_dir)
        self.result.event = platform_report.event(
            self.result.report or {}, buildpack_url=self.build.buildpack_url, failed=self.result.failed
        )

    # --- directories ---

    def _prepare(self) -> None:
        work = self.result.build_dir.parent
        work.mkdir(parents=True, exist_ok=True)
        for old in [*work.glob("build_*"), *work.glob("d????????"), self.result.buildpack_dir]:
            shutil.rmtree(old, ignore_errors=True)
        buildpack_tree.lay_out(self.build.buildpack, self.result.buildpack_dir, self.build.helper)
        shutil.copytree(self.build.app, self.result.build_dir, symlinks=True)
        _remove(self.result.build_dir / ".git")
        self.stored_cache.mkdir(exist_ok=True)
        _replace_tree(self.result.cache_dir, self.stored_cache)
        self.result.env_dir.mkdir()
        for name, value in self.build.config.items():
            (self.result.env_dir / name).write_bytes(os.fsencode(value))
        self.log_file.touch()
        if self.build.user:
            self._hand_over(work)

    def _hand_over(self, work: Path) -> None:
        """Gives everything to the build's user, who may write even the buildpack's directory, as on Heroku."""
        who = pwd.getpwnam(self.build.user)
        work.chmod(0o755)
        for directory, names, files in os.walk(work):
            for name in [".", *names, *files]:
                os.chown(os.path.join(directory, name), who.pw_uid, who.pw_gid, follow_symlinks=False)

    def _directories(self) -> list[Path]:
        return [self.result.build_dir, self.result.cache_dir, self.result.env_dir]

    # --- scripts ---

    def _has(self, phase: str) -> bool:
        return (self.result.buildpack_dir / "bin" / phase).exists()

    def _script(
        self, phase: str, arguments: list[Path], stdout: script_runner.Sink, stderr: script_runner.Sink | None
    ) -> script_runner.Ended:
        script = script_runner.Script(
            path=self.result.buildpack_dir / "bin" / phase,
            arguments=[str(argument) for argument in arguments],
            cwd=self.result.buildpack_dir,
            environment=self._environment(),
            log_file=self.log_file,
            user=self.build.user,
            timeout=self.build.report_timeout if phase == "report" else self.build.timeout,
            grace=self.build.grace,
        )
        return script_runner.run(script, stdout, stderr, lambda process: self.build.on_start(phase, process))

    def _environment(self) -> dict[str, str]:
        """Returns exactly the variables that the platform sets, and those of the caller. Config vars are not among them."""
        return {
            "BUILDPACK_LOG_FILE": "/dev/fd/3",
            "DYNO": "run.4869",
            "HOME": "/app",
            "LANG": "en_US.UTF-8",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "PWD": str(self.result.buildpack_dir),
            "REQUEST_ID": self.request_id,
            "SHLVL": "2",
            "SOURCE_VERSION": self.source_version,
            "STACK": self.build.stack,
            "_": "/usr/bin/env",
            **self.build.environment,
        }

    # --- the log ---

    def _relay(self, phase: str, data: bytes) -> None:
        text = self.decoder.decode(data)
        self._say(text)
        self.build.on_output(phase, text)

    def _step(self, text: str) -> None:
        self._say(f"-----> {text}\n")

    def _detail(self, text: str) -> None:
        self._say("".join(f"       {line}\n" for line in text.splitlines()))

    def _error(self, text: str) -> None:
        self._say(f" !     {text}\n")

    def _say(self, text: str) -> None:
        self.result.output += text
        self.build.log(text)


def procfile(directory: Path) -> dict[str, str]:
    """Returns process types and their commands, by the pattern that the classic platform uses."""
    try:
        text = (directory / "Procfile").read_text(errors="replace")
    except OSError:
        return {}
    return dict(re.findall(r"^([A-Za-z0-9_-]+):[ \t]*(.+?)\s*$", text, re.MULTILINE))


def _default_processes(output: bytes) -> dict[str, str]:
    document = yaml.safe_load(bytes(output)) or {}
    if not isinstance(document, dict):
        raise ValueError("the output of bin/release is not a mapping")
    return document.get("default_process_types") or {}


def _replace_tree(target: Path, source: Path) -> None:
    """Copies `source` to `target` atomically: copies it to a temporary name and then renames it."""
    aside = target.with_name(target.name + ".new")
    shutil.rmtree(aside, ignore_errors=True)
    if source.is_dir():
        shutil.copytree(source, aside, symlinks=True)
    else:
        aside.mkdir(parents=True)
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside.rename(target)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _text(data: bytes) -> str:
    return bytes(data).decode("utf-8", errors="replace")


# --- command line ----------------------------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    # An interrupted driver ends its build first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    work = options.work or Path(tempfile.mkdtemp(prefix="heroku-build-"))
    try:
        log_stream = sys.stderr if options.event else sys.stdout
        result = _build_from(options, work, log_stream).run()
        _deliver(result, options)
        return result.exit_code
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    finally:
        if not options.work:
            shutil.rmtree(work, ignore_errors=True)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="heroku-build",
        description="Builds an app with this buildpack as Heroku's build system would.",
        epilog="Exit code: 0, or that of the phase that failed.",
    )
    add = parser.add_argument
    add("app", type=Path, metavar="APP_DIR")
    add("--config", action="append", default=[], metavar="NAME=VALUE", help="a config var: a file in ENV_DIR (repeatable)")
    add("--config-dir", type=Path, metavar="DIR", help="config vars as files")
    add("--env", action="append", default=[], metavar="NAME=VALUE", help="a variable of the build system (repeatable)")
    add("--buildpack", type=Path, default=buildpack_tree.CHECKOUT, metavar="DIR", help="default: this checkout, as committed")
    add("--buildpack-url", default=DEFAULT_URL, metavar="URL", help="the address in the log and the event; it is not fetched")
    add("--helper", type=Path, metavar="FILE", help="the built helper; default: the buildpack's build/release/mesh-buildpack")
    add("--work", type=Path, metavar="DIR", help="keep state (the cache, the last build) there between builds")
    add("--slug", type=Path, metavar="DIR", help="put the built app there (created)")
    add("--stack", default="heroku-24")
    add("--user", metavar="NAME", help="build as this user (needs root)")
    add("--timeout", type=float, default=15 * 60, metavar="SECONDS")
    add("--event", action="store_true", help="print the recorded event as a line of JSON; the log goes to stderr")
    add("--event-file", type=Path, metavar="FILE", help="write the event there")
    add("--report-file", type=Path, metavar="FILE", help="write bin/report's output there, as printed")
    options = parser.parse_args(arguments)
    _check(options, parser)
    return options


def _check(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    if not options.app.is_dir():
        parser.error(f"{options.app} is not a directory")
    if options.slug and options.slug.exists() and any(options.slug.iterdir()):
        parser.error(f"{options.slug} is not empty")
    if options.helper and not options.helper.is_file():
        parser.error(f"there is no helper at {options.helper}: script/build makes one")
    if options.user and os.geteuid() != 0:
        parser.error("--user needs root")
    for text in options.config + options.env:
        if not re.match(r"[^=/\0]+=", text):
            parser.error(f"{text!r} is not NAME=VALUE")


def _build_from(options: argparse.Namespace, work: Path, log_stream: TextIO) -> Build:
    files = options.config_dir.iterdir() if options.config_dir else ()
    config = {file.name: os.fsdecode(file.read_bytes()) for file in files}
    built = options.buildpack / "build" / "release" / "mesh-buildpack"

    def log(text: str) -> None:
        log_stream.write(text)
        log_stream.flush()

    return Build(
        app=options.app,
        work=work,
        buildpack=options.buildpack,
        helper=options.helper or (built if built.is_file() else None),
        buildpack_url=options.buildpack_url,
        config={**config, **_pairs(options.config)},
        environment=_pairs(options.env),
        stack=options.stack,
        user=options.user,
        timeout=options.timeout,
        log=log,
    )


def _pairs(texts: list[str]) -> dict[str, str]:
    return dict(text.split("=", 1) for text in texts)


def _deliver(result: Result, options: argparse.Namespace) -> None:
    line = json.dumps(result.event, sort_keys=True)
    if options.report_file:
        options.report_file.write_bytes(result.report_output)
    if options.event_file:
        options.event_file.write_text(line + "\n")
    if options.slug and not result.failed:
        shutil.copytree(result.build_dir, options.slug, symlinks=True, dirs_exist_ok=True)
    if options.event:
        print(line, flush=True)
