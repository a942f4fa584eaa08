#!/usr/bin/env bash
# Records the golden captures again, from real clients and servers in network namespaces of our own.
#
#   sudo captures/record.sh             all cases
#   sudo captures/record.sh CASE...     some of them
#   captures/record.sh --list           their names
#
# A case is a function in cases.sh, or, of a scenario, in scenarios/recordings.sh; the network it runs in is
# made by lab.sh. A recording replaces the old one only when tshark finds in it what the case is about. All
# is bounded in time and size, and whatever happens, the namespaces and processes of this run are gone at the end.
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C TZ=UTC

here=$(cd "$(dirname "$0")" && pwd)
readonly here
# shellcheck source=captures/lab.sh
source "$here/lab.sh"
# shellcheck source=captures/cases.sh
source "$here/cases.sh"
# shellcheck source=captures/scenarios/recordings.sh
source "$here/scenarios/recordings.sh"

main() {
  local name known wanted=("$@")
  known=$(declare -F | sed -n 's/^declare -f case_//p' | tr _ -)
  if [[ ${1:-} == --list ]]; then
    echo "$known"
    return
  fi
  [[ $# -gt 0 ]] || mapfile -t wanted <<<"$known"
  for name in "${wanted[@]}"; do
    grep -qxF -e "$name" <<<"$known" || fail 2 "there is no case \"$name\"; captures/record.sh --list names them"
  done
  need_root
  need_tools
  work=$(mktemp -d)
  readonly work
  trap 'lab_down; rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM HUP
  authority
  for name in "${wanted[@]}"; do record "$name"; done
}

fail() {
  echo "record.sh: $2" >&2
  exit "$1"
}

need_root() {
  [[ $(id -u) == 0 ]] || fail 2 'making network namespaces takes root: run it with sudo'
}

# Debian's packages for the commands that are used.
need_tools() {
  local command package missing=()
  while read -r command package; do
    command -v "$command" >/dev/null || missing+=("$package")
  done <<'TOOLS'
ip iproute2
ethtool ethtool
tcpdump tcpdump
dumpcap wireshark-common
tshark tshark
tcprewrite tcpreplay
dnsmasq dnsmasq-base
dig bind9-dnsutils
nginx nginx-light
openssl openssl
curl curl
python3 python3
node nodejs
chromium chromium
caddy caddy
microsocks microsocks
unbound unbound
tinyproxy tinyproxy
TOOLS
  [[ ${#missing[@]} -gt 0 ]] || return 0
  echo "record.sh: installing ${missing[*]}" >&2
  apt-get install -y --no-install-recommends "${missing[@]}" >&2 ||
    fail 2 "could not install what is missing; do it by hand: apt-get install ${missing[*]}"
}

# record CASE: runs the case in a fresh lab and puts capture and README into its folder.
record() {
  local case=$1 folder=$here/$1 file=input.pcap shows='' client='' how='' rewritten='nothing' options='-n' looks=() unlucky=''
  echo "recording $case" >&2
  "case_${case//-/_}"
  lab_down
  want 0 'ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0 || _ws.malformed'
  [[ ${#looks[@]} -gt 0 ]] || look 'tls.handshake.type == 1 || dns' frame.number ip.src ip.dst tcp.dstport dns.flags.response dns.qry.name dns.a tls.handshake.extensions_server_name
  mkdir -p "$folder"
  rm -f "$folder"/input.pcap "$folder"/input.pcapng
  mv "$work/$file" "$folder/$file"
  chmod 644 "$folder/$file"
  readme >"$folder/README.md"
}

# listen [-i INTERFACE] [TCPDUMP OPTION...]: starts recording in the `lan` namespace.
listen() {
  local interface=br0
  if [[ ${1:-} == -i ]]; then
    interface=$2
    shift 2
  fi
  how="tcpdump${*:+ $*} on $(place "$interface")"
  start lan recorder tcpdump -Z root -i "$interface" --immediate-mode -U -n -c 5000 -w "$work/$file" "$@"
  recorder=${pids[-1]}
  until_says recorder 'listening on'
}

place() {
  case $1 in
  br0) echo 'the bridge between client and server' ;;
  t1) echo 'the tagged link between client and server' ;;
  x1 | c1) echo 'the link that carries the tunnel' ;;
  s1) echo 'the mirror port' ;;
  esac
}

# listen_twice INTERFACE INTERFACE: the same with dumpcap, which writes pcapng with both.
listen_twice() {
  file=input.pcapng
  how="dumpcap on two interfaces, $1 and $2"
  start lan recorder dumpcap -i "$1" -i "$2" -c 5000 -w "$work/recorded.pcapng"
  recorder=${pids[-1]}
  until_says recorder 'Capturing on'
  sleep 1 # dumpcap says so a little before both interfaces are open
}

# hang_up: stops recording, and insists that nothing was lost.
hang_up() {
  sleep 0.5
  kill -INT "$recorder"
  wait "$recorder" || true
  if grep -E '^[1-9][0-9]* packets dropped' "$work/recorder.log"; then
    echo 'record.sh: the recorder lost packets: record again on a quieter machine' >&2
    return 1
  fi
}

# rewrite FROM TO: puts another IPv4 address into the recorded frames, and mends the checksums.
rewrite() {
  tcprewrite --pnat="$1/32:$2/32" --fixcsum --infile="$work/$file" --outfile="$work/rewritten"
  mv "$work/rewritten" "$work/$file"
  rewritten="server address $1 to $2, with tcprewrite, checksums mended; all else is as recorded"
}

# want COUNT FILTER: the recording holds so many frames (a number, or N+ for at least N) for a tshark filter.
want() {
  local found
  found=$(tshark -n -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \
    -o tcp.reassemble_out_of_order:TRUE -r "$work/$file" -Y "$2" 2>/dev/null | wc -l)
  if [[ $1 == *+ && $found -ge ${1%+} || $1 == "$found" ]]; then return 0; fi
  cp "$work/$file" "/tmp/$run-$case.${file##*.}"
  echo "record.sh: $case: $found frames for $2, but $1 wanted; see /tmp/$run-$case.${file##*.}" >&2
  return 1
}

# look FILTER FIELD...: keeps a tshark command for the README, and runs it on the recording.
look() {
  local filter=$1 field fields=''
  shift
  for field in "$@"; do fields+=" -e $field"; done
  local command="tshark $options -r $file -Y '$filter' -T fields -E header=y -E separator='|'$fields"
  looks+=("\$ $command"$'\n'"$(cd "$work" && eval "$command" 2>/dev/null)")
}

readme() {
  local one
  cat <<README
# $case

$shows

- Client: $client
- Recorded: with $how, by \`captures/record.sh $case\`
- Rewritten: $rewritten
- Licence: recorded by the project, CC0 1.0

What $(tshark --version 2>/dev/null | sed -n '1s/^TShark (Wireshark) \([0-9.]*[0-9]\).*/tshark \1/p') says:

\`\`\`
README
  for one in "${looks[@]}"; do printf '%s\n\n' "$one"; done | sed '$d'
  echo '```'
}

main "$@"
