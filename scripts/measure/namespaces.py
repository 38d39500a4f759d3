"""Hosts made of network namespaces, with addresses, rates and latencies of their own; used by hosts.py, as root."""
import pathlib
import subprocess
import sys
import time

PROXY = pathlib.Path(__file__).resolve().with_name("delay-proxy.py")
NETWORK = "10.213.57"
# Of what a rate lets through at once, in bytes: ten packets, so that also a batch of few rows is held to the rate.
BURST = 16_384
PROXY_SECONDS = 30


def run(*command, check=True, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    if check and done.returncode != 0:
        sys.exit(f"hosts.py: {' '.join(map(str, command))}: {done.stderr.strip() or done.returncode}")
    return done


class Host:
    """A namespace with two addresses: its processes listen on one, its proxy on the other."""

    def __init__(self, prefix, number):
        self.namespace = f"{prefix}-{number}"
        self.address = f"{NETWORK}.{10 + number}"
        self.proxied = f"{NETWORK}.{110 + number}"

    def command(self, *command):
        return ["ip", "netns", "exec", self.namespace, *map(str, command)]


def make_network(stack, hosts, prefix, rate):
    """Hosts on a bridge; `stack` takes all of it away again."""
    hub = f"{prefix}-hub"
    for name in [hub, *(host.namespace for host in hosts)]:
        run("ip", "netns", "add", name)
        stack.callback(run, "ip", "netns", "del", name, check=False)
    run("ip", "-n", hub, "link", "add", "bridge", "type", "bridge")
    run("ip", "-n", hub, "link", "set", "bridge", "up")
    for number, host in enumerate(hosts):
        port = f"port{number}"
        run("ip", "-n", hub, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", host.namespace)
        run("ip", "-n", hub, "link", "set", port, "master", "bridge", "up")
        for address in (host.address, host.proxied):
            run("ip", "-n", host.namespace, "address", "add", f"{address}/24", "dev", "eth0")
        for link in ("lo", "eth0"):
            run("ip", "-n", host.namespace, "link", "set", link, "up")
        if rate:
            limit = ["root", "tbf", "rate", rate, "burst", BURST, "limit", 16 << 20]
            run("ip", "netns", "exec", hub, "tc", "qdisc", "add", "dev", port, *limit)
            run("ip", "netns", "exec", host.namespace, "tc", "qdisc", "add", "dev", "eth0", *limit)


def start(stack, command, log):
    """Runs a command in the background until the end of this script, which it never outlives."""
    process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def stop():
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    stack.callback(stop)
    return process


def wait(what, seconds, condition, processes):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        for process in processes:
            if process.poll() is not None:
                command = " ".join(process.args[4:6])
                sys.exit(f"hosts.py: {command} ended while waiting for {what}; see its lines above")
        time.sleep(0.05)
    sys.exit(f"hosts.py: {what} took more than {seconds} s")


def listening_ports(process_id):
    """TCP ports on which a namespace listens, by the process id of one in it."""
    lines = pathlib.Path(f"/proc/{process_id}/net/tcp").read_text().splitlines()[1:]
    fields = [line.split() for line in lines]
    return sorted({int(field[1].rpartition(":")[2], 16) for field in fields if field[3] == "0A"})


def start_proxy(stack, host, ports, delay_ms, log):
    """Waits until it listens."""
    path = pathlib.Path(log.name).with_name(f"{host.namespace}.proxy")
    with open(path, "w", encoding="utf-8") as output:
        arguments = [host.proxied, host.address, ",".join(map(str, ports)), delay_ms]
        process = start(stack, host.command(sys.executable, PROXY, *arguments), output)
    wait("a proxy", PROXY_SECONDS, lambda: "listening" in path.read_text(encoding="utf-8"), [process])
