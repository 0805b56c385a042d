"""A host's own D-Bus system bus and avahi-daemon."""

BUS_SOCKET = "/run/dbus/system_bus_socket"

# Only one user exists in an office made without root: the bus keeps its own and lets everybody do everything.
BUS_CONFIG = f"""<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={BUS_SOCKET}</listen>
  <auth>EXTERNAL</auth>
  <apparmor mode="disabled"/>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
"""

AVAHI_CONFIG = """[server]
host-name={name}
use-ipv4=yes
use-ipv6={ipv6}

[wide-area]
enable-wide-area=no

[publish]
publish-workstation=no
publish-hinfo=no
"""


class Avahi:
    """Starts in two steps, so that several hosts can wait out their names' probing together."""

    def __init__(self, host):
        self.host = host
        self.bus = self.daemon = None

    def launch(self):
        if self.bus is None:
            self.host.write("/run/dbus/lab.conf", BUS_CONFIG)
            self.bus = self.host.spawn(["dbus-daemon", "--config-file=/run/dbus/lab.conf", "--nofork",
                                        "--nopidfile", "--print-address"])
            self.bus.wait_line("^unix:path=")
        ipv6 = "yes" if 6 in self.host.office.families else "no"
        self.host.write("/run/avahi.conf", AVAHI_CONFIG.format(name=self.host.name, ipv6=ipv6))
        self.daemon = self.host.spawn(["avahi-daemon", "--no-drop-root", "--no-chroot", "--no-rlimits",
                                       "--file=/run/avahi.conf"])

    def wait_ready(self):
        """Said when the host's name is established and the D-Bus interface is open."""
        self.daemon.wait_line("Server startup complete", 10)

    def stop(self):
        """Its services are withdrawn with it."""
        self.daemon.stop()

    def hang(self):
        self.daemon.hang()

    def resume(self):
        self.daemon.resume()
