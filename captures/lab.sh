# shellcheck shell=bash
# The lab that captures are recorded in: namespaces, links, a DNS server, a CA, web servers.
# Sourced by record.sh; needs its $work (a temporary folder) and $here (this folder).
#
#   c1 192.0.2.10  --\                      /-- dns 192.0.2.53   (dnsmasq)
#   c2 192.0.2.11  ---- lan: bridge br0 ----
#   c3 192.0.2.12  --/                      \-- net 192.0.2.1    (router, and all the servers behind it)
#
# IPv6, where a case asks for it: c1 2001:db8:1::10, dns 2001:db8:1::53, net 2001:db8:1::1, server 2001:db8:2::20.
# Server addresses are on the loopback interface of `net`. Nothing in here is connected to the machine's
# own network. All hosts have documentation addresses (RFC 5737, RFC 3849) and MAC addresses (RFC 7042).

readonly namespaces='lan net dns c1 c2 c3'
readonly servers='198.51.100.20 198.51.100.21 198.51.100.63 203.0.113.30 203.0.113.31 203.0.113.40 203.0.113.81'
readonly server6=2001:db8:2::20
readonly run="seekwatch-$$"
pids=()

# lab_up [ipv6]: makes namespaces and links, the same way for each case.
lab_up() {
  local name
  for name in $namespaces; do
    ip netns add "$run-$name"
    mkdir -p "/etc/netns/$run-$name"
    [[ ${1:-} == ipv6 ]] || ip netns exec "$run-$name" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
    ip -n "$run-$name" link set lo up
  done
  ip -n "$run-lan" link add br0 type bridge mcast_snooping 0
  ip -n "$run-lan" link set br0 up
  plug net 192.0.2.1 01 "${1:-}"
  plug dns 192.0.2.53 53 "${1:-}"
  plug c1 192.0.2.10 10 "${1:-}"
  plug c2 192.0.2.11 11 "${1:-}"
  plug c3 192.0.2.12 12 "${1:-}"
  for name in $servers; do ip -n "$run-net" address add "$name/32" dev lo; done
  [[ ${1:-} != ipv6 ]] || ip -n "$run-net" address add $server6/128 dev lo
}

# lab_down: ends what runs in our namespaces, by process id, and takes the namespaces away.
lab_down() {
  local name pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for name in $namespaces; do
    if [[ -e /run/netns/$run-$name ]]; then
      for pid in $(ip netns pids "$run-$name"); do kill -KILL "$pid" 2>/dev/null || true; done
      ip netns delete "$run-$name"
    fi
    rm -rf "/etc/netns/$run-$name"
  done
  rmdir --ignore-fail-on-non-empty /etc/netns 2>/dev/null || true
  wait 2>/dev/null || true
  pids=()
}

# plug NAME IPV4 LAST_BYTE_OF_MAC [ipv6]: a cable from a namespace to the bridge.
plug() {
  ip -n "$run-lan" link add "$1" type veth peer name eth0 address "00:00:5e:00:53:$3" netns "$run-$1"
  # Without offloads, frames on the wire have the sizes and checksums of a real network.
  no_offload lan "$1"
  no_offload "$1" eth0
  ip -n "$run-lan" link set "$1" master br0 up
  ip -n "$run-$1" address add "$2/24" dev eth0
  ip -n "$run-$1" link set eth0 up
  [[ $1 == net ]] || ip -n "$run-$1" route add default via 192.0.2.1
  echo "nameserver 192.0.2.53" >"/etc/netns/$run-$1/resolv.conf"
  [[ ${4:-} == ipv6 ]] || return 0
  ip -n "$run-$1" address add "2001:db8:1::${2##*.}/64" dev eth0 nodad
  [[ $1 == net ]] || ip -n "$run-$1" route add default via 2001:db8:1::1
  echo "nameserver 2001:db8:1::53" >"/etc/netns/$run-$1/resolv.conf"
}

no_offload() {
  ip netns exec "$run-$1" ethtool -K "$2" tx off tso off gso off gro off >/dev/null
}

# trunk TAG...: puts a tagged link between c1 and the rest; the trunk to listen on is `t1`.
trunk() {
  local tag tags=()
  for tag in "$@"; do tags+=(tag "$tag"); done
  pair t0 t1 1600
  pair u0 u1 1500
  ip -n "$run-lan" link set c1 nomaster
  ip -n "$run-lan" link set u1 master br0
  wire c1 t0 "${tags[@]}"
  wire u0 t1 "${tags[@]}"
}

# tunnel KIND: the link between c1 and the rest is a tunnel (gre or geneve) that wire.py makes, frame by
# frame; what is outside of it can be seen on `x1`.
tunnel() {
  pair x0 x1 1600
  pair u0 u1 1500
  ip -n "$run-lan" link set c1 nomaster
  ip -n "$run-lan" link set u1 master br0
  wire c1 x0 tunnel "$1:near"
  wire u0 x1 tunnel "$1:far"
}

# vxlan VNI: the same with VXLAN by the kernel. c1 becomes a host that has its address in the overlay; its
# cable, `c1`, carries the tunnel and has the addresses 203.0.113.91 (c1) and 203.0.113.92 (lan).
vxlan() {
  ip -n "$run-lan" link set c1 nomaster address 00:00:5e:00:53:61
  ip -n "$run-lan" address add 203.0.113.92/24 dev c1
  ip -n "$run-lan" link add x0 type vxlan id "$1" dstport 4789 local 203.0.113.92 remote 203.0.113.91 dev c1
  ip -n "$run-lan" link set x0 master br0 up
  ip -n "$run-c1" address flush dev eth0
  ip -n "$run-c1" link set eth0 address 00:00:5e:00:53:60
  ip -n "$run-c1" address add 203.0.113.91/24 dev eth0
  ip -n "$run-c1" link add x0 address 00:00:5e:00:53:10 type vxlan id "$1" dstport 4789 local 203.0.113.91 remote 203.0.113.92 dev eth0
  no_offload lan x0
  no_offload c1 x0
  ip -n "$run-c1" address add 192.0.2.10/24 dev x0
  ip -n "$run-c1" link set x0 up
  ip -n "$run-c1" route add default via 192.0.2.1
}

# mirror: what passes between c1 and the rest is copied twice to a mirror port; listen on `s1`.
mirror() {
  pair s0 s1 1500
  pair u0 u1 1500
  ip -n "$run-lan" link set c1 nomaster
  ip -n "$run-lan" link set u1 master br0
  wire c1 u0 mirror s0
}

# mishap KIND: lets wire.py treat the flows of c1 badly. Can be called again with another kind.
mishap() {
  if [[ ! ${unlucky:-} ]]; then
    pair u0 u1 1500
    ip -n "$run-lan" link set c1 nomaster
    ip -n "$run-lan" link set u1 master br0
  else
    kill "$unlucky"
    wait "$unlucky" 2>/dev/null || true
  fi
  wire c1 u0 mishap "$1"
  unlucky=${pids[-1]}
}

pair() {
  ip -n "$run-lan" link add "$1" mtu "$3" type veth peer name "$2" mtu "$3"
  no_offload lan "$1"
  no_offload lan "$2"
  ip -n "$run-lan" link set "$1" up
  ip -n "$run-lan" link set "$2" up
}

wire() {
  start lan wire python3 "$here/wire.py" "$@"
  until_says wire forwarding
}

# dns RECORD...: starts the DNS server with lines of dnsmasq's configuration. All other names do not exist.
dns() {
  printf '%s\n' 'local=/#/' 'local-ttl=60' no-resolv no-hosts 'user=root' keep-in-foreground log-facility=- pid-file "$@" >"$work/dnsmasq.conf"
  start dns dnsmasq dnsmasq --conf-file="$work/dnsmasq.conf"
  until_says dnsmasq started
}

# authority: makes our CA and one certificate for each group of names.
authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj '/CN=Golden captures CA' \
    -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
  certificate deepseek deepseek.com '*.deepseek.com'
  certificate deepseeksvc deepseeksvc.com '*.deepseeksvc.com'
  certificate cloudfront cloudfront.net '*.cloudfront.net'
  certificate high-flyer high-flyer.cn '*.high-flyer.cn'
  certificate hub huggingface.co '*.hf.co'
  certificate lookalike deepseek.ai '*.deepseek.ai'
  certificate traps notdeepseek.com deepseek.com.example.net
  certificate other www.example.org www.example.net
}

certificate() {
  local file=$work/$1 names
  shift
  names=$(printf ',DNS:%s' "$@")
  openssl req -x509 -CA "$work/ca.pem" -CAkey "$work/ca.key" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -days 365 -subj "/CN=$1" -addext "subjectAltName=${names#,}" -addext basicConstraints=critical,CA:FALSE \
    -keyout "$file.key" -out "$file.pem" 2>/dev/null
}

# web: starts nginx for all names, on ports 80, 443 and 8443 of all server addresses, with short answers.
web() {
  cat >"$work/nginx.conf" <<NGINX
user root;
daemon off;
worker_processes 1;
pid $work/nginx.pid;
error_log stderr notice;
events {}
http {
  access_log off;
  client_body_temp_path $work/nginx;
  proxy_temp_path $work/nginx;
  fastcgi_temp_path $work/nginx;
  uwsgi_temp_path $work/nginx;
  scgi_temp_path $work/nginx;
  map \$ssl_server_name \$group {
    default other;
    ~*(^|\.)deepseek\.com$ deepseek;
    ~*(^|\.)deepseeksvc\.com$ deepseeksvc;
    ~*\.cloudfront\.net$ cloudfront;
    ~*\.high-flyer\.cn$ high-flyer;
    ~*(^huggingface\.co|\.hf\.co)$ hub;
    ~*deepseek\.ai$ lookalike;
    ~*(^notdeepseek\.com|\.example\.net)$ traps;
  }
  server {
    listen 80;
    return 301 https://\$host\$request_uri;
  }
  server {
    listen 443 ssl http2;
    listen [::]:443 ssl http2;
    listen 8443 ssl http2;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate $work/\$group.pem;
    ssl_certificate_key $work/\$group.key;
    default_type text/plain;
    location / { return 200 "ok\n"; }
    location /deepseek-ai/ {
      if (\$host = huggingface.co) { return 302 https://cdn-lfs.hf.co\$request_uri; }
      return 200 "weights\n";
    }
  }
}
NGINX
  start net nginx nginx -e stderr -c "$work/nginx.conf"
  until_says nginx 'start worker process '
}

# caddy_web: starts Caddy in place of nginx: HTTP/3 for chat.deepseek.com, HTTP/2 without TLS for api.deepseek.com.
caddy_web() {
  cat >"$work/Caddyfile" <<CADDY
{
  admin off
  auto_https off
  servers {
    protocols h1 h2 h2c h3
  }
}
https://chat.deepseek.com {
  bind 198.51.100.20
  tls $work/deepseek.pem $work/deepseek.key
  respond "ok"
}
http://api.deepseek.com {
  respond "ok"
}
CADDY
  start net caddy env HOME="$work" caddy run --config "$work/Caddyfile" --adapter caddyfile
  until_says caddy 'serving initial configuration'
}

# proxy KIND: starts a proxy on c3 (192.0.2.12): socks5 on port 1080, socks4 on port 1080, or connect on port 8888.
proxy() {
  case $1 in
  socks5) start c3 proxy microsocks -i 192.0.2.12 -p 1080 ;;
  socks4) start c3 proxy python3 "$here/socks4.py" 192.0.2.12 1080 ;;
  connect)
    printf '%s\n' 'Port 8888' 'Listen 192.0.2.12' 'Allow 192.0.2.0/24' 'ConnectPort 443' 'DisableViaHeader Yes' >"$work/tinyproxy.conf"
    start c3 proxy tinyproxy -d -c "$work/tinyproxy.conf"
    ;;
  esac
  until_listens c3 192.0.2.12
}

# until_listens NAMESPACE ADDRESS: waits, at most ten seconds, for a server that does not say when it is ready.
until_listens() {
  local try
  for try in {1..200}; do
    if ip netns exec "$run-$1" ss --listening --tcp --no-header src "$2" | grep -q .; then return 0; fi
    sleep 0.05
  done
  echo "record.sh: nothing listens on $2 after 10 seconds" >&2
  return 1
}

# start NAMESPACE LABEL COMMAND...: runs a server in the background; what it says goes to $work/LABEL.log.
start() {
  local namespace=$1 label=$2
  shift 2
  : >"$work/$label.log"
  timeout 120 ip netns exec "$run-$namespace" "$@" >"$work/$label.log" 2>&1 </dev/null &
  pids+=($!)
}

# until_says LABEL TEXT: waits, at most ten seconds, for a line of a server's log.
until_says() {
  local try
  for try in {1..200}; do
    if grep -q -e "$2" "$work/$1.log"; then return 0; fi
    sleep 0.05
  done
  echo "record.sh: $1 did not say \"$2\" within 10 seconds; its log:" >&2
  cat "$work/$1.log" >&2
  return 1
}

# on NAMESPACE CLIENT...: lets a client function of cases.sh run to its end there; it must succeed.
on() {
  local seat=$1
  shift
  if ! "$@" >"$work/client.log" 2>&1 </dev/null; then
    echo "record.sh: client failed: $*" >&2
    tail -n 20 "$work/client.log" >&2
    return 1
  fi
}

# fails NAMESPACE CLIENT...: the same for a client that cannot succeed in this case.
fails() {
  local seat=$1
  shift
  if "$@" >"$work/client.log" 2>&1 </dev/null; then
    echo "record.sh: client was expected to fail: $*" >&2
    return 1
  fi
}

# inside COMMAND...: runs a command in the namespace that `on` or `fails` chose, at most 40 seconds.
inside() {
  timeout --foreground 40 ip netns exec "$run-$seat" "$@"
}
