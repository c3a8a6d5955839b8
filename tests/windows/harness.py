"""Owns both programs, unpacked, a Windows by wine, and how a test compares what they make.
Must not know what is tested.
"""

import contextlib
import datetime
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import tarfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "samples/yunyan-2025/report.toml"
SAMPLE_YEAR = 2025
# A name as offices have it: Chinese, a blank, full-width brackets.
AWKWARD = "政务 公开（2025 年）"
PATIENCE = 300


class Machine:
    """Both programs, unpacked, and a Windows of its own."""

    def __init__(self, home, windows, linux, helpers):
        self.home = home
        with zipfile.ZipFile(windows) as archive:
            archive.extractall(home / "windows")
        with tarfile.open(linux) as archive:
            archive.extractall(home / "linux", filter="data")
        (self.windows_home,) = (home / "windows").iterdir()
        (self.linux_home,) = (home / "linux").iterdir()
        self.windows = self.windows_home / "nianbao.exe"
        self.linux = self.linux_home / "nianbao"
        self.helper = self.windows_home / "helper.exe"
        for file in pathlib.Path(helpers).iterdir():
            shutil.copy(file, self.windows_home)
        self.wine = shutil.which("wine64") or "/usr/lib/wine/wine64"
        self.env = {
            **os.environ, "WINEPREFIX": str(home / "prefix"), "WINEDEBUG": "-all", "WINEARCH": "win64",
            # A Chinese Windows: its code page for programs without Unicode is 936.
            "LC_ALL": "zh_CN.UTF-8", "LANG": "zh_CN.UTF-8", "LOCPATH": str(home / "locales"),
            # wine makes the folders of its user point to those of this one.
            "HOME": str(home / "user"),
            # No browser opens the page that a drop ends with.
            "NIANBAO_NO_OPEN": "1",
        }
        (home / "user/Documents").mkdir(parents=True)
        # Without this locale wine takes names of files for ASCII.
        (home / "locales").mkdir()
        subprocess.run(["localedef", "-i", "zh_CN", "-f", "UTF-8", home / "locales/zh_CN.UTF-8"], check=True)
        subprocess.run([self.wine, "wineboot", "-i"], env=self.env, capture_output=True, timeout=PATIENCE, check=False)

    def close(self):
        server = shutil.which("wineserver") or "/usr/lib/wine/wineserver"
        subprocess.run([server, "-k"], env=self.env, capture_output=True, check=False)

    def path(self, path):
        """A path of this machine as Windows programs name it."""
        return "Z:" + str(path).replace("/", "\\")

    def run_windows(self, args, cwd, program=None, **env):
        command = [self.wine, str(program or self.windows), *args]
        return run(command, cwd, {**self.env, **env})

    def run_linux(self, args, cwd):
        return run([str(self.linux), *args], cwd, {**os.environ, "NIANBAO_NO_OPEN": "1"})

    @property
    def drop(self):
        return self.windows_home / "年报.exe"

    def lay(self, home, *names):
        """Lays some files of the archive into a folder, with what wine needs beside each program."""
        home.mkdir()
        for name in (*names, *(path.name for path in self.windows_home.glob("*.dll"))):
            os.link(self.windows_home / name, home / name)

    def within(self, path):
        """A folder of the Windows user, such as `Documents`, or the drive's folder for temporary files."""
        ran = self.run_windows(["/c", f"echo %{path}%"], self.home, program="cmd")
        windows = ran.stdout.strip()
        assert windows[1:3] == ":\\", ran
        drive = self.home / "prefix/dosdevices" / windows[:2].lower()
        return drive / windows[3:].replace("\\", "/")

    def on_terminal(self, args, cwd):
        """Runs a Windows command on a terminal: what it shows, and its exit code."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(cwd)
            os.execve(self.wine, [self.wine, *args], self.env)
        shown = bytearray()
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                if select.select([terminal], [], [], 1)[0]:
                    got = os.read(terminal, 65536)
                    shown += got
                    if got:
                        continue
                    break
                continue
            break
        _, status = os.waitpid(child, 0)
        os.close(terminal)
        # Movements of the cursor are no words.
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode("utf-8", "replace"))
        return Ran(text, "", os.waitstatus_to_exitcode(status))


class Ran:
    def __init__(self, stdout, stderr, code):
        self.stdout, self.stderr, self.code = stdout, stderr, code

    def __str__(self):
        return f"exit code {self.code}\n{self.stdout}{self.stderr}"

    @property
    def said(self):
        return self.stdout + self.stderr


def begun_workbooks():
    """Counts the workbooks that a drop of the sample begins: one if the report of a later year is due in China today."""
    today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8)))
    due = today.year if today.month == 12 else today.year - 1
    return int(due > SAMPLE_YEAR)


def run(command, cwd, env):
    ran = subprocess.run(command, cwd=cwd, env=env, capture_output=True, timeout=PATIENCE, stdin=subprocess.DEVNULL, check=False)
    # What wine says of itself when a process ends early is not the program's.
    stderr = re.sub(r"(?m)^wine client error:.*\n?", "", ran.stderr.decode("utf-8"))
    return Ran(ran.stdout.decode("utf-8"), stderr, ran.returncode)


def tree(folder):
    """The files of a folder that people see, by name."""
    found = (path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in found}
    return {name: path.read_bytes() for name, path in named.items() if not any(p.startswith(".") for p in name.split("/"))}


def first_difference(one, two):
    at = next((at for at, pair in enumerate(zip(one, two)) if pair[0] != pair[1]), min(len(one), len(two)))
    return f"{len(one)} and {len(two)} bytes, the first difference at {at}"


def assert_same(windows, linux, least):
    ours, theirs = tree(windows), tree(linux)
    assert sorted(ours) == sorted(theirs), f"Windows has {sorted(ours)}, Linux {sorted(theirs)}"
    assert len(ours) >= least, f"only {sorted(ours)}"
    for name, bytes_ in ours.items():
        assert bytes_ == theirs[name], f"{name}: {first_difference(bytes_, theirs[name])}"


def plain(said):
    """What was said, with the separators and the program's name of Linux."""
    return said.replace("\\", "/").replace("\r\n", "\n").replace("nianbao.exe", "nianbao")


class Test:
    """A folder for each system with the same files, and the same commands in both."""

    def __init__(self, machine, home):
        self.machine = machine
        self.windows, self.linux = home / "w", home / "l"
        self.windows.mkdir()
        self.linux.mkdir()

    def put(self, name, content):
        for home in (self.windows, self.linux):
            target = home / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())

    def copy(self, source, name):
        for home in (self.windows, self.linux):
            (shutil.copytree if source.is_dir() else shutil.copy)(source, home / name)

    def both(self, *args, code=0, below="."):
        ours = self.machine.run_windows(args, self.windows / below)
        theirs = self.machine.run_linux(args, self.linux / below)
        assert ours.code == theirs.code == code, f"{args}\nWindows: {ours}\nLinux: {theirs}"
        assert plain(ours.stdout) == plain(theirs.stdout), f"{args}\nWindows: {ours}\nLinux: {theirs}"
        return ours

    def same(self, least=1):
        assert_same(self.windows, self.linux, least)

    def dropped(self, *names, code=0):
        """Drops files on the icon, as a file manager does: with whole paths, from a folder of its own."""
        ours = self.machine.run_windows([self.machine.path(self.windows / name) for name in names], self.machine.home, program=self.machine.drop)
        theirs = self.machine.run_linux(["drop", "--", *(str(self.linux / name) for name in names)], self.machine.home)
        assert ours.code == theirs.code == code, f"{names}\nWindows: {ours}\nLinux: {theirs}"
        assert not ours.said, f"nobody reads what is said without a window: {ours}"


def units(test, count):
    """So many different reports, in a folder for each."""
    text = SAMPLE.read_text(encoding="utf-8")
    for number in range(count):
        own = re.sub(r'^(name *= *")', rf"\g<1>第{number}", text, count=1, flags=re.MULTILINE)
        assert own != text
        test.put(f"县/单位{number:02}/report.toml", own)


def wrong():
    """The sample with one figure of table three that is wrong in two columns."""
    text = SAMPLE.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("received "))
    return text.replace(line, line.replace("19,", "99,", 1))


@contextlib.contextmanager
def read_only(folder):
    """A folder in which not even root can write: one of a mount of its own."""
    mounted = subprocess.run(["mount", "--bind", folder, folder], check=False, capture_output=True)
    assert mounted.returncode == 0, f"cannot run here: mounts are needed: {mounted.stderr}"
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@contextlib.contextmanager
def held(machine, how, file):
    """Another program that has a file open."""
    command = [machine.wine, str(machine.helper), how, machine.path(file)]
    holder = subprocess.Popen(command, env=machine.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline().strip() == "held", f"{file} could not be held"
        yield
    finally:
        holder.stdin.close()
        holder.wait(timeout=60)
