# shellcheck shell=bash
# Recorded scenarios: functions like those of ../cases.sh, whose recordings come into recorded/CASE. Sourced by record.sh.

# Where the recording of a scenario goes; called first by each case.
scenario() {
  folder=$here/scenarios/recorded/$case
}

# certificate_server CERTIFICATE: openssl's server on port 443 of $chat, TLS 1.2, so that its certificate is in clear.
certificate_server() {
  start net server openssl s_server -accept "$chat:443" -cert "$work/$1.pem" -key "$work/$1.key" -tls1_2 -www
  until_says server ACCEPT
}

want_certificate() {
  want 1 "$hello && ip.dst == ${1:-$chat}"
  want 1 'tls.handshake.type == 11'
  look 'tls.handshake.type == 1 || tls.handshake.type == 11' frame.number ip.src ip.dst tls.handshake.extensions_server_name x509ce.dNSName
}

case_certificate_alone() {
  scenario
  shows='TLS 1.2 without a server name and without DNS; the certificate names DeepSeek and nobody else.'
  client=$(openssl_version)
  lab_up
  certificate_server deepseek
  listen
  on c1 s_client $chat 443 -noservername -tls1_2
  hang_up
  want_certificate
}

case_certificate_among_many() {
  scenario
  shows='The same with a certificate that names many, as CDNs once issued them.'
  client=$(openssl_version)
  lab_up
  certificate many cdn.example.net www.example.org shop.example.org '*.deepseek.com' video.example.com
  certificate_server many
  listen
  on c1 s_client $chat 443 -noservername -tls1_2
  hang_up
  want_certificate
}

case_certificate_many_other_name() {
  scenario
  shows='The server name is www.example.org, and the certificate names it beside DeepSeek and others: another customer.'
  client=$(openssl_version)
  lab_up
  certificate many cdn.example.net www.example.org shop.example.org '*.deepseek.com' video.example.com
  certificate_server many
  listen
  on c1 s_client $chat 443 -servername www.example.org -tls1_2
  hang_up
  want_certificate
}

case_certificate_other_name() {
  scenario
  shows='The server name is www.example.org, and the certificate names DeepSeek and nobody else: the name is a front.'
  client=$(openssl_version)
  lab_up
  certificate_server deepseek
  listen
  on c1 s_client $chat 443 -servername www.example.org -tls1_2
  hang_up
  want_certificate
}

case_certificate_at_hosting() {
  scenario
  shows='TLS 1.2 without a server name to a hosting network in China; the certificate names somebody else.'
  client=$(openssl_version)
  lab_up
  certificate_server other
  listen
  on c1 s_client $chat 443 -noservername -tls1_2
  hang_up
  rewrite $chat 116.205.40.200
  want_certificate 116.205.40.200
}

case_certificate_affiliate() {
  scenario
  shows='TLS 1.2 without a server name; the certificate is of the parent company.'
  client=$(openssl_version)
  lab_up
  certificate_server high-flyer
  listen
  on c1 s_client $chat 443 -noservername -tls1_2
  hang_up
  want_certificate
}

case_resumed_tls12() {
  scenario
  shows='A TLS 1.2 session is resumed without a server name, after the address was looked up; no certificate is sent.'
  client="$(dig_version), $(openssl_version)"
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  certificate_server deepseek
  on c1 s_client $chat 443 -servername chat.deepseek.com -tls1_2 -sess_out "$work/session"
  listen
  on c1 ask chat.deepseek.com
  on c1 s_client $chat 443 -noservername -tls1_2 -sess_in "$work/session"
  hang_up
  want 1 "$hello && !$sni"
  want 0 'tls.handshake.type == 11'
}

case_refused_by_alert() {
  scenario
  shows='The other side refuses the server name with a fatal TLS alert (unrecognized_name), as some firewalls do.'
  client=$(openssl_version)
  lab_up
  start net server openssl s_server -accept "$chat:443" -cert "$work/other.pem" -key "$work/other.key" -www \
    -servername www.example.org -servername_fatal -cert2 "$work/other.pem" -key2 "$work/other.key"
  until_says server ACCEPT
  listen
  fails c1 s_client $chat 443 -servername chat.deepseek.com
  hang_up
  want 1 "$hello && $sni == \"chat.deepseek.com\""
  want 1 'tls.alert_message.desc == 112'
  look 'tls.handshake.type == 1 || tls.alert_message' frame.number ip.src ip.dst tls.handshake.extensions_server_name tls.alert_message.desc
}

case_block_page() {
  scenario
  shows='A gateway answers HTTP in clear with 403 and a page of its own.'
  client=$(curl_version)
  lab_up
  start net server python3 -c "
from http.server import BaseHTTPRequestHandler, HTTPServer
class Gateway(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(403, explain='This site is blocked by your organization.')
server = HTTPServer(('$chat', 80), Gateway)
print('listening', flush=True)
server.serve_forever()"
  until_says server listening
  listen
  fails c1 fetch http://www.deepseek.com/ --connect-to "::$chat:"
  hang_up
  want 1 'http.host == "www.deepseek.com"'
  want 1 'http.response.code == 403'
  look 'http.request || http.response' frame.number ip.src ip.dst http.host http.response.code
}

case_connect_refused() {
  scenario
  shows='An HTTP proxy refuses the CONNECT: its filter has the name.'
  client="$(curl_version), through tinyproxy"
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  echo 'deepseek\.com$' >"$work/filter"
  printf '%s\n' 'Port 8888' 'Listen 192.0.2.12' 'Allow 192.0.2.0/24' 'ConnectPort 443' 'DisableViaHeader Yes' "Filter \"$work/filter\"" >"$work/tinyproxy.conf"
  start c3 proxy tinyproxy -d -c "$work/tinyproxy.conf"
  until_listens c3 192.0.2.12
  listen
  fails c1 fetch https://chat.deepseek.com/ --proxy http://192.0.2.12:8888
  hang_up
  want 1 'http.request.uri == "chat.deepseek.com:443"'
  want 1+ 'tcp.payload contains "403 Filtered"' # curl hangs up before the response is whole
  want 0 dns
  look 'http.request || tcp.payload contains "403 Filtered"' frame.number ip.src ip.dst http.request.method http.request.uri tcp.len
}

case_resolver_cold_cache() {
  scenario
  shows='A resolver with an empty cache asks the next one for the name, then answers the client.'
  client="$(dig_version), Unbound $(unbound -V | sed -n '1s/Version //p')"
  lab_up
  printf '%s\n' 'local=/#/' no-resolv no-hosts 'user=root' keep-in-foreground log-facility=- pid-file bind-interfaces \
    "listen-address=$other" "host-record=chat.deepseek.com,$chat" >"$work/dnsmasq.conf"
  start net upstream dnsmasq --conf-file="$work/dnsmasq.conf"
  until_says upstream started
  cat >"$work/unbound.conf" <<UNBOUND
server:
  directory: "$work"
  chroot: ""
  username: ""
  pidfile: "$work/unbound.pid"
  use-syslog: no
  verbosity: 1
  interface: 192.0.2.53
  access-control: 192.0.2.0/24 allow
  module-config: "iterator"
  do-ip6: no
forward-zone:
  name: "."
  forward-addr: $other
remote-control:
  control-enable: no
UNBOUND
  start dns resolver unbound -d -c "$work/unbound.conf"
  until_says resolver 'start of service'
  listen
  on c1 ask chat.deepseek.com
  hang_up
  want 1 "dns.flags.response == 0 && ip.src == 192.0.2.53 && ip.dst == $other && dns.qry.name == \"chat.deepseek.com\""
  want 1 "dns.flags.response == 1 && ip.dst == 192.0.2.10 && dns.a == $chat"
  look dns frame.number ip.src ip.dst dns.flags.response dns.qry.name dns.a
}
