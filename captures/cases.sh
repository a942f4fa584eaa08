# shellcheck shell=bash
# The golden cases: one function each, in the order of the table in README.md. Sourced by record.sh.
#
# A case says what it shows and with which client, makes the lab, records, and then says with `want`
# what must be in the recording; a recording without it is refused.

readonly chat=198.51.100.20 cdn=198.51.100.21 alone=198.51.100.63
readonly other=203.0.113.30 other2=203.0.113.31 affiliate=203.0.113.40 closed=203.0.113.81
readonly sni=tls.handshake.extensions_server_name
readonly hello='tls.handshake.type == 1'

# --- One contact, one client each ---

case_tls13_openssl() {
  shows='A TLS 1.3 handshake with the name of the web chat, after its DNS answer.'
  client=$(openssl_version)
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  web
  listen
  on c1 ask chat.deepseek.com
  on c1 s_client $chat 443 -servername chat.deepseek.com -tls1_3
  hang_up
  want 1 "$hello && $sni == \"chat.deepseek.com\""
  want 1 'tls.handshake.type == 2 && tls.handshake.extensions.supported_version == 0x0304'
}

case_tls12_curl() {
  shows='TLS 1.2 to the API, so the certificate is in clear too.'
  client=$(curl_version)
  lab_up
  dns "host-record=api.deepseek.com,$chat"
  web
  listen
  on c1 fetch https://api.deepseek.com/models --tls-max 1.2
  hang_up
  want 1 "$hello && $sni == \"api.deepseek.com\""
  want 1 'tls.handshake.type == 11'
  look 'tls.handshake.type == 1 || tls.handshake.type == 11 || dns.flags.response == 1' frame.number ip.src ip.dst dns.qry.name dns.a tls.handshake.extensions_server_name x509ce.dNSName
}

case_tls13_node() {
  shows='TLS 1.3 to the API from a script.'
  client="Node.js $(node --version)"
  lab_up
  dns "host-record=api.deepseek.com,$chat"
  web
  listen
  on c1 inside env NODE_EXTRA_CA_CERTS="$work/ca.pem" node -e "
    require('node:https').get('https://api.deepseek.com/models', { agent: false }, (answer) => answer.resume())"
  hang_up
  want 1 "$hello && $sni == \"api.deepseek.com\""
}

case_tls13_python() {
  shows='TLS 1.3 to the API from a script.'
  client=$(python3 --version)
  lab_up
  dns "host-record=api.deepseek.com,$chat"
  web
  listen
  on c1 inside env SSL_CERT_FILE="$work/ca.pem" python3 -c "
import urllib.request
urllib.request.urlopen('https://api.deepseek.com/models', timeout=20).read()"
  hang_up
  want 1 "$hello && $sni == \"api.deepseek.com\""
}

case_chromium_split_hello() {
  shows='A browser with a post-quantum key share (X25519MLKEM768): its ClientHello is larger than a packet, so it comes in two TCP segments.'
  client=$(chromium_version)
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  web
  listen
  on c1 browse https://chat.deepseek.com/
  hang_up
  want 1+ "$hello && $sni == \"chat.deepseek.com\" && tls.handshake.extensions_key_share_group == 0x11ec && tcp.segment.count == 2"
  look 'tls.handshake.type == 1 || dns.flags.response == 1' frame.number ip.dst dns.qry.name dns.a tls.handshake.extensions_server_name tls.handshake.length tcp.segment tls.handshake.extensions_key_share_group
}

case_port_8443() {
  shows='TLS on a port that is not the usual one.'
  client=$(curl_version)
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  web
  listen
  on c1 fetch https://chat.deepseek.com:8443/
  hang_up
  want 1 "$hello && $sni == \"chat.deepseek.com\" && tcp.dstport == 8443"
}

case_mixed_case() {
  shows='Names in mixed case: a DNS question as resolvers with "0x20" ask it, and a server name typed that way.'
  client="$(dig_version), $(openssl_version)"
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  web
  listen
  on c1 ask ChAt.dEEpsEEk.cOm
  on c1 s_client $chat 443 -servername CHAT.DeepSeek.COM
  hang_up
  want 2 'dns.qry.name == "ChAt.dEEpsEEk.cOm"'
  want 1 "$hello && $sni == \"CHAT.DeepSeek.COM\""
}

case_deepseeksvc() {
  shows='The second domain of the service, which holds attached files.'
  client=$(curl_version)
  lab_up
  dns "host-record=files.deepseeksvc.com,$chat"
  web
  listen
  on c1 fetch https://files.deepseeksvc.com/
  hang_up
  want 1 "$hello && $sni == \"files.deepseeksvc.com\""
}

case_cname_chain() {
  shows='The name is answered with a CNAME to a name of a CDN; the server name is still that of the service.'
  client=$(curl_version)
  lab_up
  dns 'cname=api.deepseek.com,d3bbv8sr76az5s.cloudfront.net' "host-record=d3bbv8sr76az5s.cloudfront.net,$cdn"
  web
  listen
  on c1 fetch https://api.deepseek.com/models
  hang_up
  want 1+ "dns.cname == \"d3bbv8sr76az5s.cloudfront.net\" && dns.a == $cdn"
  want 1 "$hello && $sni == \"api.deepseek.com\""
  look 'tls.handshake.type == 1 || dns' frame.number ip.src ip.dst dns.flags.response dns.qry.name dns.qry.type dns.cname dns.a tls.handshake.extensions_server_name
}

case_cdn_name_as_sni() {
  shows='The CDN name that belongs to the service, used as the server name itself.'
  client=$(curl_version)
  lab_up
  dns "host-record=d3bbv8sr76az5s.cloudfront.net,$cdn"
  web
  listen
  on c1 fetch https://d3bbv8sr76az5s.cloudfront.net/
  hang_up
  want 1 "$hello && $sni == \"d3bbv8sr76az5s.cloudfront.net\""
}

case_many_clients() {
  shows='Three clients: 192.0.2.10 is busy (eight flows to two names), 192.0.2.11 comes once, 192.0.2.12 only looks at something else.'
  client=$(curl_version)
  lab_up
  dns "host-record=chat.deepseek.com,$chat" "host-record=api.deepseek.com,$cdn" "host-record=www.example.org,$other"
  web
  listen
  local turn
  for turn in 1 2 3 4; do
    on c1 fetch https://chat.deepseek.com/
    on c1 fetch https://api.deepseek.com/models
    [[ $turn != 2 ]] || on c2 fetch https://chat.deepseek.com/
    [[ $turn != 3 ]] || on c3 fetch https://www.example.org/
  done
  hang_up
  want 8 "$hello && ip.src == 192.0.2.10 && $sni contains \"deepseek.com\""
  want 1 "$hello && ip.src == 192.0.2.11 && $sni == \"chat.deepseek.com\""
  want 1 "$hello && ip.src == 192.0.2.12"
}

# --- DNS alone, and DNS that explains a flow ---

case_dns_then_no_sni() {
  shows='The client asks for the address of the web chat and then talks to it over TLS without a server name.'
  client="$(dig_version), $(openssl_version)"
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  web
  listen
  on c1 ask chat.deepseek.com
  on c1 s_client $chat 443 -noservername -tls1_3
  hang_up
  want 1 "$hello && ip.dst == $chat && !$sni"
  want 1 "dns.qry.name == \"chat.deepseek.com\" && dns.a == $chat"
}

case_dns_only() {
  shows='The name is resolved, and no flow follows.'
  client=$(dig_version)
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  listen
  on c1 ask chat.deepseek.com
  hang_up
  want 1 "dns.a == $chat"
  want 0 tcp
}

case_dns_unanswered() {
  shows='A question for the name, asked twice, that nobody answers.'
  client=$(dig_version)
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  ip -n "$run-dns" route add blackhole 192.0.2.10/32
  listen
  fails c1 ask +timeout=1 +tries=2 chat.deepseek.com
  hang_up
  want 2 'dns.qry.name == "chat.deepseek.com"'
  want 0 'dns.flags.response == 1'
}

case_nxdomain() {
  shows='A name that does not exist: api.deepseek.cn, as scripts of others sometimes have it.'
  client=$(curl_version)
  lab_up
  dns
  listen
  fails c1 fetch https://api.deepseek.cn/
  hang_up
  want 1+ 'dns.qry.name == "api.deepseek.cn" && dns.flags.rcode == 3'
  want 0 tcp
  look dns frame.number ip.src ip.dst dns.flags.response dns.flags.rcode dns.qry.name dns.qry.type
}

case_sinkhole() {
  shows='The resolver blocks the name: it answers 0.0.0.0 and ::.'
  client=$(curl_version)
  lab_up
  dns 'address=/chat.deepseek.com/0.0.0.0' 'address=/chat.deepseek.com/::'
  listen
  fails c1 fetch https://chat.deepseek.com/
  hang_up
  want 1 'dns.a == 0.0.0.0'
  want 0 tcp
  look dns frame.number ip.src ip.dst dns.flags.response dns.qry.name dns.a dns.aaaa
}

# --- The server does not answer ---

case_attempt_refused() {
  shows='The client resolves the name and connects, and the address refuses (SYN answered with RST).'
  client=$(curl_version)
  lab_up
  dns "host-record=chat.deepseek.com,$closed"
  listen
  fails c1 fetch https://chat.deepseek.com/
  hang_up
  want 1 "tcp.flags.reset == 1 && ip.src == $closed"
  want 0 'tcp.len > 0'
  look 'tcp || dns' frame.number ip.src ip.dst dns.flags.response dns.qry.name dns.a tcp.flags.str
}

case_attempt_no_answer() {
  shows='The connection opens and the client says its hello, but the server stays silent until the client gives up.'
  client=$(curl_version)
  lab_up
  dns "host-record=api.deepseek.com,$chat"
  # A listening socket that nobody accepts from: the kernel acknowledges, and that is all.
  start net silent python3 -c "
import socket, time
server = socket.create_server(('$chat', 443))
print('listening', flush=True)
time.sleep(100)"
  until_says silent listening
  listen
  fails c1 fetch https://api.deepseek.com/models --max-time 3
  hang_up
  want 1 "$hello && $sni == \"api.deepseek.com\""
  want 0 "tcp.len > 0 && ip.src == $chat"
}

# --- Addresses and networks without a name ---

case_dedicated_address() {
  shows='TLS without a server name and without DNS, to an address that only the service uses.'
  client=$(openssl_version)
  lab_up
  web
  listen
  on c1 s_client $alone 443 -noservername -tls1_3
  hang_up
  rewrite $alone 3.173.21.63
  want 1 "$hello && ip.dst == 3.173.21.63 && !$sni"
}

case_hosting_cn() {
  shows='TLS without a server name and without DNS, to a hosting network in China (AS55990).'
  client=$(openssl_version)
  lab_up
  web
  listen
  on c1 s_client $alone 443 -noservername -tls1_3
  hang_up
  rewrite $alone 116.205.40.200
  want 1 "$hello && ip.dst == 116.205.40.200 && !$sni"
}

case_hosting_ru() {
  shows='TLS without a server name and without DNS, to a hosting network in Russia (AS200350).'
  client=$(openssl_version)
  lab_up
  web
  listen
  on c1 s_client $alone 443 -noservername -tls1_3
  hang_up
  rewrite $alone 51.250.7.200
  want 1 "$hello && ip.dst == 51.250.7.200 && !$sni"
}

case_cn_with_other_name() {
  shows='TLS to the same hosting network in China, but with a name that has nothing to do with it.'
  client=$(openssl_version)
  lab_up
  web
  listen
  on c1 s_client $alone 443 -servername www.example.org
  hang_up
  rewrite $alone 116.205.40.200
  want 1 "$hello && ip.dst == 116.205.40.200 && $sni == \"www.example.org\""
}

# --- Names that are something else ---

case_affiliate() {
  shows='The web site of the parent company, High-Flyer.'
  client=$(curl_version)
  lab_up
  dns "host-record=www.high-flyer.cn,$affiliate"
  web
  listen
  on c1 fetch https://www.high-flyer.cn/
  hang_up
  want 1 "$hello && $sni == \"www.high-flyer.cn\""
}

case_lookalike() {
  shows='A third party that uses the name: deepseek.ai.'
  client=$(curl_version)
  lab_up
  dns "host-record=deepseek.ai,$other"
  web
  listen
  on c1 fetch https://deepseek.ai/
  hang_up
  want 1 "$hello && $sni == \"deepseek.ai\""
}

case_model_download() {
  shows='The open weights from the hub of a third party: HTTP with the name in the path, then HTTPS, then the store of the files.'
  client=$(curl_version)
  lab_up
  dns "host-record=huggingface.co,$other" "host-record=cdn-lfs.hf.co,$other2"
  web
  listen
  on c1 fetch --location http://huggingface.co/deepseek-ai/DeepSeek-R1/resolve/main/config.json
  hang_up
  want 1 'http.request.uri contains "deepseek-ai"'
  want 1 "$hello && $sni == \"huggingface.co\""
  want 1 "$hello && $sni == \"cdn-lfs.hf.co\""
  look 'tls.handshake.type == 1 || dns.a || http.request' frame.number ip.src ip.dst dns.qry.name dns.a http.host http.request.uri tls.handshake.extensions_server_name
}

case_trap_substring() {
  shows='A name that ends with the watched one, but not at a dot: notdeepseek.com.'
  client=$(curl_version)
  lab_up
  dns "host-record=notdeepseek.com,$other"
  web
  listen
  on c1 fetch https://notdeepseek.com/
  hang_up
  want 1 "$hello && $sni == \"notdeepseek.com\""
}

case_trap_suffix() {
  shows='A name that begins with the watched one, below the domain of somebody else: deepseek.com.example.net.'
  client=$(curl_version)
  lab_up
  dns "host-record=deepseek.com.example.net,$other"
  web
  listen
  on c1 fetch https://deepseek.com.example.net/
  hang_up
  want 1 "$hello && $sni == \"deepseek.com.example.net\""
}

# --- Links and files ---

case_ipv6() {
  shows='AAAA answer and TLS, all over IPv6.'
  client=$(curl_version)
  lab_up ipv6
  dns "host-record=chat.deepseek.com,$server6"
  web
  listen
  on c1 fetch https://chat.deepseek.com/
  hang_up
  want 1 "$hello && ipv6.dst == $server6 && $sni == \"chat.deepseek.com\""
  want 1+ "dns.aaaa == $server6"
  look 'tls.handshake.type == 1 || dns' frame.number ipv6.src ipv6.dst dns.flags.response dns.qry.name dns.aaaa tls.handshake.extensions_server_name
}

case_vlan() {
  shows='An 802.1Q link: one tag, VLAN 110.'
  client=$(curl_version)
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  web
  trunk 0x8100:110
  listen -i t1
  on c1 fetch https://chat.deepseek.com/
  hang_up
  want 0 '!vlan.id == 110'
  want 1 "$hello && vlan.id == 110 && $sni == \"chat.deepseek.com\""
  look 'tls.handshake.type == 1 || dns' frame.number vlan.id ip.src ip.dst dns.flags.response dns.qry.name dns.a tls.handshake.extensions_server_name
}

case_qinq() {
  shows='Stacked tags: VLAN 110 (802.1Q) inside of VLAN 200 (802.1ad).'
  client=$(curl_version)
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  web
  trunk 0x88a8:200 0x8100:110
  listen -i t1
  on c1 fetch https://chat.deepseek.com/
  hang_up
  want 0 '!(ieee8021ad.id == 200 && vlan.id == 110)'
  want 1 "$hello && $sni == \"chat.deepseek.com\""
  look 'tls.handshake.type == 1 || dns' frame.number ieee8021ad.id vlan.id ip.src ip.dst dns.flags.response dns.qry.name dns.a tls.handshake.extensions_server_name
}

case_lossy_link() {
  shows='A bad link. A browser opens the page four times, and its hellos of two segments each suffer: they arrive in the wrong order; the first segment is lost and comes again; each frame comes twice; the server is not heard for 0.6 seconds, so the client says all again. The name is in every one of the flows.'
  client=$(chromium_version)
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  web
  mishap reorder
  listen
  on c1 browse https://chat.deepseek.com/
  local kind
  for kind in lose duplicate deafen; do
    mishap $kind
    on c1 browse https://chat.deepseek.com/
  done
  hang_up
  how+=', behind the bad link (captures/wire.py)'
  want 4+ "$hello && $sni == \"chat.deepseek.com\" && tcp.segment.count > 1"
  want 1+ 'tcp.analysis.out_of_order && tcp.dstport == 443 && tcp.seq == 1'
  want 1+ 'tcp.analysis.retransmission && tcp.dstport == 443 && tcp.seq == 1'
  options+=' -o tcp.reassemble_out_of_order:TRUE'
  look 'tcp.dstport == 443 && tcp.len > 0 && tcp.seq < 1600' frame.number tcp.stream tcp.seq tcp.len tcp.analysis.out_of_order tcp.analysis.retransmission tcp.segment tls.handshake.extensions_server_name
}

case_snaplen() {
  shows='Only the first 96 bytes of each frame were kept, so the hello is cut before its server name. No name may be made up.'
  client=$(openssl_version)
  lab_up
  web
  listen -s 96
  on c1 s_client $chat 443 -servername chat.deepseek.com
  hang_up
  want 0 "$sni"
  want 1+ 'frame.cap_len < frame.len && tcp.dstport == 443'
  look 'frame.cap_len < frame.len' frame.number frame.len frame.cap_len ip.src ip.dst tcp.len
}

case_two_interfaces_pcapng() {
  shows='A pcapng file with two interfaces; a client on each.'
  client=$(curl_version)
  lab_up
  dns "host-record=chat.deepseek.com,$chat" "host-record=api.deepseek.com,$cdn"
  web
  listen_twice c1 c2
  on c1 fetch https://chat.deepseek.com/
  on c2 fetch https://api.deepseek.com/models
  hang_up
  python3 "$here/plain_pcapng.py" "$work/recorded.pcapng" "$work/$file"
  rewritten='nothing in the frames; notes about the recording machine were taken out of the file (captures/plain_pcapng.py)'
  want 1 "$hello && frame.interface_id == 0 && $sni == \"chat.deepseek.com\""
  want 1 "$hello && frame.interface_id == 1 && $sni == \"api.deepseek.com\""
  look 'tls.handshake.type == 1 || dns.a' frame.number frame.interface_id frame.interface_name ip.src ip.dst dns.qry.name dns.a tls.handshake.extensions_server_name
}

case_nanosecond() {
  shows='A pcap file with time stamps in nanoseconds.'
  client=$(curl_version)
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  web
  listen --time-stamp-precision=nano
  on c1 fetch https://chat.deepseek.com/
  hang_up
  [[ $(od -An -N4 -tx1 "$work/$file" | tr -d ' ') == 4d3cb2a1 ]] # the magic number of nanoseconds, as little-endian machines write it
  want 1 "$hello && $sni == \"chat.deepseek.com\""
  look 'tls.handshake.type == 1 || dns.a' frame.number frame.time_epoch ip.src ip.dst dns.qry.name dns.a tls.handshake.extensions_server_name
}

# --- Clients ---

# ask [OPTION...] NAME: dig, one question for an address.
ask() {
  inside dig +noall +answer "$@"
}

# fetch URL [OPTION...]: curl, trusting our CA only.
fetch() {
  inside curl --silent --show-error --fail --output /dev/null --cacert "$work/ca.pem" --max-time 20 "$@"
}

# s_client ADDRESS PORT [OPTION...]: openssl's client; says one request and reads to the end.
s_client() {
  local address=$1 port=$2
  shift 2
  printf 'GET / HTTP/1.0\r\n\r\n' | inside openssl s_client -connect "$address:$port" -CAfile "$work/ca.pem" -quiet -ign_eof "$@"
}

# browse URL: Chromium with a new profile, one page. It looks up no other name than the one of the page.
browse() {
  local profile name=${1#https://}
  profile=$(mktemp -d "$work/profile.XXXXXX")
  inside chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --ignore-certificate-errors --user-data-dir="$profile" \
    --host-resolver-rules="MAP * ~NOTFOUND, EXCLUDE ${name%%/*}" --dump-dom "$1"
}

openssl_version() { openssl version | cut -d' ' -f1-2; }
curl_version() { curl --version | sed -n '1s/^\(curl [^ ]*\).*\(OpenSSL[^ ]*\).*/\1 (\2)/p'; }
dig_version() { dig -v 2>&1 | sed 's/^DiG \([0-9.]*\).*/dig \1/'; }
chromium_version() { chromium --version 2>/dev/null | cut -d' ' -f1-2; }
