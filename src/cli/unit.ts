/**
 * `seekwatch unit`: prints a unit for systemd, with the paths of this
 * installation. It is printed and not shipped as a file, because the paths of
 * Node, of the program and of the database are different everywhere.
 */

import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { UsageError } from './usage-error.ts'

const PROGRAM = fileURLToPath(new URL('../../bin/seekwatch', import.meta.url))
const CONFIG = '/etc/seekwatch/seekwatch.yaml'

/** The command, to be added to the program. */
export function unitCommand(): Command {
  return new Command('unit')
    .description('Prints a hardened systemd unit that runs "seekwatch live" with the settings of a file.')
    .option('--config <file>', 'the file with the settings', CONFIG)
    .option('--user <name>', 'user that the sensor runs as', 'seekwatch')
    .action(({ config, user }: { config: string; user: string }) => {
      if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(user)) throw new UsageError(`unit: --user: "${user}" is no name of a user`)
      if (!/^\/[^\s"'%$\\]*$/.test(config))
        throw new UsageError(`unit: --config: "${config}" is no full path without spaces and quotes`)
      process.stdout.write(unitText({ config, user, node: process.execPath, program: PROGRAM }))
    })
}

interface UnitParts {
  config: string
  user: string
  node: string
  program: string
}

/** The unit. What it takes away is everything that a sensor does not use; why some things stay is said beside them. */
export function unitText({ config, user, node, program }: UnitParts): string {
  return `# Seekwatch as a service. Once, as root:
#   useradd --system --home-dir /var/lib/seekwatch --shell /usr/sbin/nologin ${user}
#   mkdir -p ${config.slice(0, config.lastIndexOf('/')) || '/'} && printf 'interface: eth1\\n' > ${config}
#   ${program} unit > /etc/systemd/system/seekwatch.service
#   systemctl daemon-reload && systemctl enable --now seekwatch

[Unit]
Description=Seekwatch network sensor
After=network.target time-sync.target

[Service]
Type=exec
ExecStart=${node} ${program} live --config ${config}
ExecReload=/bin/kill -HUP $MAINPID
User=${user}
WorkingDirectory=/var/lib/seekwatch
StateDirectory=seekwatch
StateDirectoryMode=0750
UMask=0027
Restart=on-failure
RestartSec=5
# a question to name servers that do not answer cannot be called off, and holds up the end of what forwards alerts
TimeoutStopSec=40
# the capturing programs are told to end by the sensor, which reads what they had; what is left after that is ended
KillMode=mixed

# what capturing needs and nothing more; the sensor itself uses none of it, its children inherit it
CapabilityBoundingSet=CAP_NET_RAW
AmbientCapabilities=CAP_NET_RAW
# AF_PACKET and AF_NETLINK for the capturing program, the others for the dashboard
RestrictAddressFamilies=AF_PACKET AF_NETLINK AF_UNIX AF_INET AF_INET6

NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
ProtectSystem=strict
ProtectHome=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
ProcSubset=all
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
# MemoryDenyWriteExecute is not set: Node compiles JavaScript to machine code while it runs

[Install]
WantedBy=multi-user.target
`
}
