"""docker-compose.yml, the proxy's and Odoo's configurations: what must hold in production."""

import configparser
import os
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

from tools.pwik_cli.server import free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def options(name):
    parser = configparser.RawConfigParser()
    parser.read(ROOT / "config" / f"odoo-{name}.conf", encoding="utf-8")
    return parser["options"]


def test_compose_has_its_four_services(compose):
    assert set(compose["services"]) == {"odoo", "worker", "db", "proxy"}
    for name, service in compose["services"].items():
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"], name


def test_only_the_proxy_is_published(compose):
    published = {name for name, service in compose["services"].items() if service.get("ports")}
    assert published == {"proxy"}
    assert "front" not in compose["services"]["db"]["networks"]


def test_no_secret_has_a_default(compose):
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for name in ("PGPASSWORD", "PWIK_RADIO_KEY"):
        uses = re.findall(rf"\$\{{{name}(.*?)\}}", text)
        assert uses and all(use.startswith(":?") for use in uses)
    for line in (ROOT / "docker/example.env").read_text().splitlines():
        if line.startswith(("PGPASSWORD=", "PWIK_RADIO_KEY=")):
            assert line.endswith("=")


def test_mounted_and_built_files_are_there(compose):
    for service in compose["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("./") and not source.endswith("/tls"):
                assert (ROOT / source).exists(), source
    dockerfile = (ROOT / compose["services"]["odoo"]["build"]["dockerfile"]).read_text()
    for line in re.findall(r"^COPY (.+)$", dockerfile, re.M):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
    assert os.access(ROOT / "docker/health.sh", os.X_OK)


def test_odoo_is_the_official_image_of_19():
    assert re.search(r"^FROM odoo:19\.0$", (ROOT / "docker/Dockerfile").read_text(), re.M)


@pytest.mark.parametrize("name", ["production", "worker"])
def test_production_is_closed(name):
    conf = options(name)
    assert conf.getboolean("list_db") is False
    assert conf.getboolean("proxy_mode") is True
    assert conf.getint("workers") > 0
    assert conf.getboolean("with_demo") is False
    assert "admin_passwd" not in conf and "db_password" not in conf


def test_scheduled_actions_run_on_the_worker_host_only():
    assert options("production").getint("max_cron_threads") == 0
    assert options("worker").getint("max_cron_threads") > 0


def test_development_serves_this_machine_only():
    conf = options("development")
    assert conf["http_interface"] == "127.0.0.1"
    assert conf.getboolean("list_db") is False


def test_the_proxy_sets_the_security_headers():
    text = (ROOT / "docker/nginx.conf").read_text(encoding="utf-8")
    for header in (
        "Strict-Transport-Security",
        "X-Content-Type-Options",
        "X-Frame-Options",
        "Referrer-Policy",
        "Content-Security-Policy",
        "Permissions-Policy",
    ):
        assert re.search(rf'^\s*add_header {header} ".+" always;$', text, re.M), header
    policy = re.search(r'map \$upstream_http_content_security_policy \$pwik_csp \{\s+""\s+"(.+?)";', text)[1]
    assert "'unsafe-inline'" not in re.search(r"script-src ([^;]+)", policy)[1]
    # Odoo's own word stands: two policies would both hold, and of two referrer policies the last one.
    assert (
        len(
            re.findall(
                r'^map \$upstream_http_\w+ \$pwik_\w+ \{\n\s+""\s+".+";\n\s+default "";\n\}', text, re.M
            )
        )
        == 6
    )
    assert (
        "default-src 'self'" in policy
        and "object-src 'none'" in policy
        and "frame-ancestors 'self'" in policy
    )
    # A location with a header of its own would lose all of these.
    blocks = re.findall(r"location [^{]+\{([^}]*)\}", text)
    assert len(blocks) >= 5 and not any("add_header" in block for block in blocks)
    assert "X-Forwarded-For $remote_addr" in text


def test_only_posts_knock():
    """Whole offices and mobile networks have one address: looking at the sign-in page counts for nobody."""
    text = (ROOT / "docker/nginx.conf").read_text(encoding="utf-8")
    method = re.search(r"map \$request_method \$(\w+) \{([^}]*)\}", text)
    assert dict(re.findall(r"(\w+)\s+(\S+);", method[2])) == {"POST": "$binary_remote_addr", "default": '""'}
    assert re.search(rf"limit_req_zone \${method[1]} zone=doors:", text)
    doors = re.search(r"location ~ \^/web/\(login[^{]*\{([^}]*)\}", text)[1]
    assert re.findall(r"limit_req zone=(\w+)", doors) == ["doors", "pages"]
    refusal = re.search(r"error_page 429 (@\w+);", text)[1]
    assert "spróbuj ponownie" in re.search(rf"location {refusal} \{{([^}}]*)\}}", text)[1]


def test_no_location_loses_the_forwarded_headers():
    """A location that sets a header of its own inherits none: without these Odoo does not know who asks for what."""
    text = (ROOT / "docker/nginx.conf").read_text(encoding="utf-8")
    needed = {"Host", "X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP"}
    blocks = re.findall(r"location [^{]+\{([^}]*)\}", text)
    setting = [set(re.findall(r"proxy_set_header (\S+)", block)) for block in blocks]
    assert any(setting)
    assert all(needed <= names for names in setting if names)


def test_other_names_are_refused():
    """Odoo takes the name that was asked for into its links; and the papers tell it its own."""
    text = (ROOT / "docker/nginx.conf").read_text(encoding="utf-8")
    servers = re.findall(r"^server \{\n(.*?)^\}", text, re.M | re.S)
    defaults = [server for server in servers if "default_server" in server]
    assert [re.search(r"listen (\d+)", server)[1] for server in defaults] == ["80", "443"]
    for server in defaults:
        assert "return 444;" in server and "proxy_pass" not in server
    assert all("server_name ${PWIK_HOST};" in server for server in servers if server not in defaults)
    paper = (ROOT / "docs/operation.md").read_text(encoding="utf-8")
    for name in ("web.base.url", "web.base.url.freeze"):
        assert f'set_param("{name}", ' in paper


@pytest.fixture
def sick(tmp_path):
    """The real script, with a curl that fails and a kill that tells. :return: its environment"""
    (tmp_path / "curl").write_text("#!/bin/sh\nexit 7\n")
    (tmp_path / "curl").chmod(0o755)
    script = (ROOT / "docker/health.sh").read_text()
    script = script.replace("/tmp/pwik-health-failures", os.fspath(tmp_path / "failures"))
    script = script.replace("kill -TERM 1", f"echo ended >>{tmp_path}/ended")
    (tmp_path / "health.sh").write_text(script)
    return {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PWIK_HEALTH_FAILURES": "3"}


def test_the_health_check_ends_odoo_after_enough_failures(sick, tmp_path):
    """The main process is ended at the third failure."""
    for attempt in (1, 2, 3):
        done = subprocess.run(
            ["sh", tmp_path / "health.sh"], env={**sick, "PWIK_HEALTH_START": "0"}, check=False
        )
        assert done.returncode == 1
        assert (tmp_path / "ended").exists() == (attempt == 3)


def test_a_slow_start_is_not_ended(sick, tmp_path):
    """Docker asks every five seconds in the start period: six failures are thirty seconds."""
    began = int((pathlib.Path("/proc/1/stat").read_text().rsplit(")", 1)[1]).split()[19])
    age = float(pathlib.Path("/proc/uptime").read_text().split()[0]) - began / os.sysconf("SC_CLK_TCK")
    for start, ended in ((int(age) + 3600, False), (int(age) - 1, True)):
        for _attempt in range(3):
            done = subprocess.run(
                ["sh", tmp_path / "health.sh"], env={**sick, "PWIK_HEALTH_START": str(start)}, check=False
            )
            assert done.returncode == 1
        assert (tmp_path / "ended").exists() is ended


def test_compose_keeps_its_promises(compose):
    """What docs/operation.md says of stopping and of logs."""
    paper = (ROOT / "docs/operation.md").read_text(encoding="utf-8")
    seconds = re.search(r"ends within (\d+) seconds", paper)[1]
    for name in ("odoo", "worker"):
        assert compose["services"][name]["stop_grace_period"] == f"{seconds}s", name
    for name, service in compose["services"].items():
        assert service["logging"]["options"] == {"max-size": "20m", "max-file": "5"}, name
    assert "five\nfiles of 20 MB" in paper
    assert "docker compose build --pull" in paper


COMPOSE = shutil.which("docker-compose")


@pytest.mark.skipif(not COMPOSE, reason="docker-compose is not installed")
def test_compose_itself_takes_the_file():
    environ = {**os.environ, "PGPASSWORD": "x", "PWIK_RADIO_KEY": "x", "PWIK_HOST": "portal.example"}
    done = subprocess.run(
        [COMPOSE, "-f", ROOT / "docker-compose.yml", "config", "--quiet"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


# What nginx writes where only its own user may.
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def suitable_nginx():
    """The nginx of this machine, if it is one that knows what our configuration says (`http2 on` came with 1.25.1)."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not program:
        return None
    told = subprocess.run([program, "-v"], capture_output=True, text=True, check=False).stderr
    version = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", told)
    return program if version and tuple(map(int, version.groups())) >= (1, 25, 1) else None


NGINX = suitable_nginx()


@pytest.mark.skipif(not NGINX, reason="no nginx of 1.25.1 or newer is installed")
def test_nginx_itself_takes_the_configuration(tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=portal.example"]
        + ["-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"],
        check=True,
        capture_output=True,
    )
    text = (ROOT / "docker/nginx.conf").read_text(encoding="utf-8")
    for name, value in (
        ("${PWIK_HOST}", "portal.example"),
        ("${PWIK_PAYMENT_HOSTS}", "https://pay.example"),
        ("/etc/nginx/tls", os.fspath(tmp_path)),
        ("server odoo:", "server 127.0.0.1:"),
        ("listen 80", f"listen 127.0.0.1:{free_port()}"),
        ("listen 443", f"listen 127.0.0.1:{free_port()}"),
    ):
        text = text.replace(name, value)
    (tmp_path / "site.conf").write_text(text)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/nginx.pid; error_log stderr; events {{}} http {{ access_log off;"
        + "".join(f"{kind}_temp_path {tmp_path}/{kind}; " for kind in TEMPORARY)
        + f"include {tmp_path}/site.conf; }}"
    )
    done = subprocess.run(
        [NGINX, "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
