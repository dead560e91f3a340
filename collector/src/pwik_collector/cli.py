"""The command line: ``pwik-collector listen | export | upload | simulate | devices``."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from . import __version__, texts
from .devices import dongles
from .errors import CollectorError, TourError, UploadError
from .texts import tr


class _Formatter(argparse.HelpFormatter):
    def add_usage(self, usage, actions, groups, prefix=None):
        super().add_usage(usage, actions, groups, tr("usage: ") if prefix is None else prefix)


class _Parser(argparse.ArgumentParser):
    """An argument parser that speaks the user's language."""

    def __init__(self, **kwargs):
        super().__init__(add_help=False, formatter_class=_Formatter, allow_abbrev=False, **kwargs)
        self._positionals.title = tr("arguments")
        self._optionals.title = tr("options")
        self.add_argument("-h", "--help", action="help", help=tr("show this help and exit"))

    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {texts.argparse_message(message)}\n")


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e9:
        raise ValueError(text)
    return value


def _not_negative(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1e9:
        raise ValueError(text)
    return value


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = _Parser(
        prog="pwik-collector", description=tr("Reads water meters by radio and writes dumps for the office.")
    )
    parser.add_argument(
        "--version", action="version", version=__version__, help=tr("show the version and exit")
    )
    commands = parser.add_subparsers(
        title=tr("commands"), dest="command", metavar=tr("COMMAND"), required=True
    )
    _add_listen(commands)
    _add_export(commands)
    _add_upload(commands)
    _add_simulate(commands)
    devices = commands.add_parser(
        "devices", help=tr("list the dongles that are supported and the ports that are there")
    )
    devices.set_defaults(run=_devices)
    return parser


def _add_dongle(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", required=True, choices=list(dongles()), help=tr("kind of dongle"))


def _add_listen(commands) -> None:
    parser = commands.add_parser(
        "listen", help=tr("listen to a tour and write what is heard into a dump file")
    )
    parser.add_argument(
        "--port", required=True, metavar="PORT", help=tr("port of the dongle, for example /dev/ttyUSB0")
    )
    _add_dongle(parser)
    parser.add_argument("--tour", type=Path, metavar=tr("FILE"), help=tr("tour file from the office (JSON)"))
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar=tr("FILE"),
        help=tr("dump file; one that exists is gone on with"),
    )
    parser.add_argument(
        "--mode",
        choices=sorted({mode for dongle in dongles().values() for mode in dongle.modes}),
        help=tr("radio mode; the default is what the dongle hears most with"),
    )
    parser.add_argument(
        "--gps", metavar="PORT", help=tr("port of a GPS receiver (NMEA); adds the place to each telegram")
    )
    parser.add_argument(
        "--sync",
        type=_not_negative,
        default=0.0,
        metavar="S",
        help=tr("seconds a telegram may be unsafe from a power cut (default 0: none)"),
    )
    parser.add_argument("--plain", action="store_true", help=tr("plain lines instead of the full screen"))
    parser.add_argument("--until-complete", action="store_true", help=tr("end when the whole tour was heard"))
    parser.add_argument("--duration", type=_positive, metavar="S", help=tr("end after so many seconds"))
    parser.add_argument(
        "--silence", type=_positive, metavar="S", help=tr("end after so many seconds without a telegram")
    )
    parser.set_defaults(run=_listen)


def _add_export(commands) -> None:
    parser = commands.add_parser(
        "export", help=tr("close a dump and put it, compressed, where the office takes it")
    )
    parser.add_argument("dump", type=Path, metavar=tr("FILE"), help=tr("dump file that listen wrote"))
    parser.add_argument(
        "--to", type=Path, metavar="FOLDER", help=tr("where to; the default is beside the dump")
    )
    parser.add_argument(
        "--tour", type=Path, metavar=tr("FILE"), help=tr("tour file; its id becomes part of the name")
    )
    parser.add_argument("--keep", action="store_true", help=tr("leave the dump open, to go on with it later"))
    parser.set_defaults(run=_export)


def _add_upload(commands) -> None:
    parser = commands.add_parser("upload", help=tr("hand exported dumps to the server, each once"))
    parser.add_argument(
        "files", type=Path, nargs="+", metavar=tr("FILE"), help=tr("exported dumps, or folders with them")
    )
    parser.add_argument(
        "--url", required=True, help=tr("address of the server, for example https://odoo.example.org")
    )
    parser.add_argument("--database", required=True, metavar=tr("NAME"), help=tr("database on the server"))
    parser.add_argument(
        "--login", help=tr("login that the key must belong to; checked before anything is sent")
    )
    parser.add_argument(
        "--key-file",
        type=Path,
        metavar=tr("FILE"),
        help=tr("file with the API key; the default is the variable PWIK_API_KEY"),
    )
    parser.add_argument("--allow-http", action="store_true", help=tr("allow an unencrypted connection"))
    parser.add_argument(
        "--attempts",
        type=int,
        choices=range(1, 21),
        default=6,
        metavar="N",
        help=tr("tries for each file while the server is away (default 6)"),
    )
    parser.set_defaults(run=_upload)


def _add_simulate(commands) -> None:
    parser = commands.add_parser(
        "simulate", help=tr("play recorded telegrams like a dongle would, without hardware")
    )
    _add_dongle(parser)
    parser.add_argument(
        "--link", type=Path, required=True, metavar="PORT", help=tr("name of the port to make")
    )
    parser.add_argument(
        "--telegrams",
        type=Path,
        required=True,
        metavar=tr("FILE"),
        help=tr("a dump (JSON lines, also gzip) or lines of hex"),
    )
    parser.add_argument(
        "--speed", type=_positive, default=1.0, metavar="X", help=tr("times as fast as recorded")
    )
    parser.add_argument(
        "--interval", type=_not_negative, metavar="S", help=tr("seconds between telegrams instead")
    )
    parser.add_argument("--loop", action="store_true", help=tr("begin again at the end"))
    parser.add_argument(
        "--noise",
        type=_not_negative,
        default=0.0,
        metavar="P",
        help=tr("share of telegrams with noise before them, 0 to 1"),
    )
    parser.add_argument(
        "--unplug-after", type=int, default=0, metavar="N", help=tr("unplug once, after N telegrams")
    )
    parser.add_argument(
        "--unplugged", type=_not_negative, default=2.0, metavar="S", help=tr("stay unplugged so long")
    )
    parser.add_argument(
        "--linger",
        type=_not_negative,
        metavar="S",
        help=tr("stay plugged in so long after the last telegram; the default is until stopped"),
    )
    parser.set_defaults(run=_simulate)


def _listen(args: argparse.Namespace) -> int:
    from .listen import Options, listen

    dongle = dongles()[args.device]
    if args.mode and args.mode not in dongle.modes:
        modes = ", ".join(dongle.modes)
        raise CollectorError(
            tr(
                "{title} has no radio mode {mode}; it has: {modes}.",
                title=dongle.title,
                mode=args.mode,
                modes=modes,
            )
        )
    if args.until_complete and not args.tour:
        raise TourError(tr("--until-complete needs --tour."))
    return listen(
        Options(
            port=args.port,
            dongle=dongle,
            mode=args.mode,
            tour=args.tour,
            out=args.out,
            sync=args.sync,
            plain=args.plain,
            gps=args.gps,
            until_complete=args.until_complete,
            duration=args.duration,
            silence=args.silence,
        ),
        sys.stdout,
    )


def _export(args: argparse.Namespace) -> int:
    from . import tour
    from .export import export

    name = tour.load(args.tour).id if args.tour else None
    made = export(args.dump, args.to or args.dump.parent, name=name, keep=args.keep)
    print(
        tr(
            "{file}: {lines} telegrams of {speakers} overlays.",
            file=made.path,
            lines=made.lines,
            speakers=made.speakers,
        )
    )
    if made.bad:
        print(tr("{count} unreadable lines were left out.", count=made.bad))
    return 0


def _upload(args: argparse.Namespace) -> int:
    from .upload import Client, Server, check_login, check_url, read_key, state_text, upload

    server = Server(check_url(args.url, allow_http=args.allow_http), args.database, read_key(args.key_file))
    client = Client(server, attempts=args.attempts, report=lambda text: print(text, file=sys.stderr))
    if args.login:
        check_login(client, args.login)
    failed = 0
    for path in _exported(args.files):
        try:
            done = upload(path, client)
        except UploadError as error:
            failed += 1
            print(f"{path.name}: {error}", file=sys.stderr)
            continue
        if done.already_noted:
            text = tr("was uploaded before, left out")
        elif done.duplicate:
            text = tr(
                "the server has it already (dump {id}, {state})", id=done.id, state=state_text(done.state)
            )
        else:
            text = tr("uploaded (dump {id}, {state})", id=done.id, state=state_text(done.state))
        print(f"{path.name}: {text}")
    return 1 if failed else 0


def _exported(paths: Sequence[Path]) -> list[Path]:
    """The files meant: folders stand for the exported dumps in them."""
    from .export import SUFFIX

    found = []
    for path in paths:
        if path.is_dir():
            found += sorted(file for file in path.glob(f"*{SUFFIX}") if not file.name.startswith("."))
        elif not path.exists():
            raise UploadError(
                tr("Cannot read {path}: {reason}", path=path, reason=tr("no such file or folder"))
            )
        else:
            found.append(path)
    if not found:
        raise UploadError(tr("There is nothing to upload."))
    return found


def _simulate(args: argparse.Namespace) -> int:
    from .simulate import load, simulate

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_args: stop.set())
    simulate(
        dongles()[args.device],
        args.link,
        load(args.telegrams, interval=args.interval, speed=args.speed),
        loop=args.loop,
        noise=args.noise,
        unplug_after=args.unplug_after,
        unplugged=args.unplugged,
        linger=args.linger,
        stop=stop,
        report=lambda text: print(text, flush=True),
    )
    return 0


def _devices(_args: argparse.Namespace) -> int:
    from serial.tools import list_ports

    for code, dongle in dongles().items():
        modes = ", ".join(f"{mode}*" if mode == dongle.default_mode else mode for mode in dongle.modes)
        print(f"{code:9} {dongle.title:18} {dongle.baudrate:>6} 8N1   {tr('modes')}: {modes}")
    ports = sorted(list_ports.comports())
    print()
    for port in ports:
        print(f"{port.device:16} {port.description}")
    if not ports:
        print(tr("No serial ports are there."))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; gives the exit status: 0 done, 1 failed, 2 wrong use."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    args = build_parser().parse_args(argv)
    try:
        return args.run(args)
    except CollectorError as error:
        print(f"pwik-collector: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            sys.stderr.close()
        return 1
