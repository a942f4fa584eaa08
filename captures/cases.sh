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

# --- QUIC ---

case_quic_chromium() {
  shows='A browser that speaks QUIC (HTTP/3). Its hello has a post-quantum key share and comes in two Initial packets, in pieces and out of order.'
  client="$(chromium_version), to Caddy"
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  caddy_web
  listen
  on c1 browse https://chat.deepseek.com/ --origin-to-force-quic-on=chat.deepseek.com:443 --ignore-certificate-errors-spki-list="$(spki deepseek)"
  hang_up
  want 1+ 'quic.version == 1 && quic.long.packet_type == 0 && udp.dstport == 443'
  want 1+ "quic && tls.handshake.type == 2 && ip.src == $chat"
  want 0 tcp
  look 'quic || dns' frame.number ip.src ip.dst udp.dstport udp.length dns.qry.name dns.a quic.long.packet_type quic.crypto.offset tls.handshake.type tls.handshake.extensions_server_name
}

# --- Proxies, and names outside of a TLS hello ---

case_connect_curl() {
  shows='Through an HTTP proxy (CONNECT). The proxy, 192.0.2.12, is on the same link: its own question and flow are here too.'
  client="$(curl_version), through tinyproxy"
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  web
  proxy connect
  listen
  on c1 fetch https://chat.deepseek.com/ --proxy http://192.0.2.12:8888
  hang_up
  want 1 'http.request.method == "CONNECT" && http.request.uri == "chat.deepseek.com:443" && ip.src == 192.0.2.10'
  want 1 "$hello && ip.src == 192.0.2.12 && $sni == \"chat.deepseek.com\""
  want 0 "ip.src == 192.0.2.10 && (dns || ip.dst == $chat)"
  look 'http.request || http.response || tls.handshake.type == 1 || dns' frame.number ip.src ip.dst tcp.dstport dns.qry.name dns.a http.request.method http.request.uri http.response.code tls.handshake.extensions_server_name
}

case_socks_curl() {
  shows='Through a SOCKS5 proxy that resolves the name. The proxy, 192.0.2.12, is on the same link: its own question and flow are here too.'
  client="$(curl_version), through microsocks"
  lab_up
  dns "host-record=api.deepseek.com,$chat"
  web
  proxy socks5
  listen
  on c1 fetch https://api.deepseek.com/models --socks5-hostname 192.0.2.12:1080
  hang_up
  want 1 'socks.remote_name == "api.deepseek.com" && socks.version == 5 && ip.src == 192.0.2.10'
  want 1 "$hello && ip.src == 192.0.2.12 && $sni == \"api.deepseek.com\""
  want 0 "ip.src == 192.0.2.10 && (dns || ip.dst == $chat)"
  look 'socks.remote_name || tls.handshake.type == 1 || dns' frame.number ip.src ip.dst tcp.dstport dns.qry.name dns.a socks.remote_name tls.handshake.extensions_server_name
}

case_socks4a_curl() {
  shows='Through a SOCKS4a proxy that resolves the name. The proxy, 192.0.2.12, is on the same link: its own question and flow are here too.'
  client="$(curl_version), through captures/socks4.py"
  lab_up
  dns "host-record=api.deepseek.com,$chat"
  web
  proxy socks4
  listen
  on c1 fetch https://api.deepseek.com/models --proxy socks4a://192.0.2.12:1080
  hang_up
  want 1 'tcp.dstport == 1080 && tcp.payload[0:2] == 04:01 && tcp.payload contains "api.deepseek.com"'
  want 1 "$hello && ip.src == 192.0.2.12 && $sni == \"api.deepseek.com\""
  want 0 "ip.src == 192.0.2.10 && (dns || ip.dst == $chat)"
  look 'tcp.dstport == 1080 && tcp.payload[0:2] == 04:01' frame.number ip.src ip.dst tcp.dstport tcp.payload
  look 'tls.handshake.type == 1 || dns' frame.number ip.src ip.dst tcp.dstport dns.qry.name dns.a tls.handshake.extensions_server_name
}

case_http_host() {
  shows='Plain HTTP on port 80: the name is in the Host header, and the answer is a redirection to HTTPS that is not followed.'
  client=$(curl_version)
  lab_up
  dns "host-record=www.deepseek.com,$chat"
  web
  listen
  on c1 fetch http://www.deepseek.com/
  hang_up
  want 1 'http.host == "www.deepseek.com"'
  want 1 'http.response.code == 301'
  want 0 tls
  look 'http || dns' frame.number ip.src ip.dst dns.qry.name dns.a http.request.method http.host http.response.code
}

case_h2c_curl() {
  shows='HTTP/2 without TLS, from the first byte: the name is in the :authority header.'
  client="$(curl_version), to Caddy"
  lab_up
  dns "host-record=api.deepseek.com,$chat"
  caddy_web
  listen
  on c1 fetch http://api.deepseek.com/models --http2-prior-knowledge
  hang_up
  want 1 'http2.headers.authority == "api.deepseek.com"'
  want 1 'http2.headers.status == 200'
  want 0 tls
  look 'http2 || dns' frame.number ip.src ip.dst dns.qry.name dns.a http2.type http2.headers.authority http2.headers.path http2.headers.status
}

case_starttls_smtp() {
  shows='SMTP on port 25 that turns into TLS (STARTTLS): the hello is not at the beginning of the flow.'
  client="$(openssl_version), to captures/mail.py"
  lab_up
  start net mail python3 "$here/mail.py" $chat 25 "$work/deepseek.pem" "$work/deepseek.key"
  until_listens net $chat
  listen
  on c1 mail_client $chat 25 -servername api.deepseek.com
  hang_up
  want 1 'smtp.command_line == "STARTTLS\r\n"'
  want 1 "$hello && tcp.dstport == 25 && $sni == \"api.deepseek.com\""
  look 'smtp || tls.handshake.type' frame.number ip.src ip.dst tcp.dstport smtp.command_line smtp.response.code tls.handshake.type tls.handshake.extensions_server_name
}

# --- More of DNS ---

case_dns_tcp() {
  shows='DNS over TCP: three questions in one connection, over a path with very small packets, so that questions and answers come in pieces, lengths apart.'
  client=$(dig_version)
  lab_up
  dns "host-record=chat.deepseek.com,$chat" "host-record=api.deepseek.com,$cdn" "host-record=www.example.org,$other"
  ip -n "$run-c1" route change 192.0.2.0/24 dev eth0 mtu lock 100
  ip -n "$run-dns" route change 192.0.2.0/24 dev eth0 mtu lock 100
  listen
  on c1 ask +tcp +keepopen chat.deepseek.com www.example.org api.deepseek.com
  hang_up
  want 1 'tcp.flags.syn == 1 && tcp.flags.ack == 0'
  want 1 "tcp && dns.a == $chat && tcp.segment.count > 1"
  want 1 "tcp && dns.a == $cdn && tcp.segment.count > 1"
  want 1 'tcp && dns.qry.name == "api.deepseek.com" && dns.flags.response == 0 && tcp.segment.count > 1'
  want 0 udp
  look 'tcp.len > 0' frame.number ip.src tcp.seq tcp.len tcp.segment dns.flags.response dns.qry.name dns.a
}

case_dns_https_record() {
  shows='A question for the HTTPS record, as browsers ask it. The address is in its hint (ipv4hint), and the client then talks to it over TLS without a server name.'
  client="$(dig_version), $(openssl_version)"
  lab_up
  # RFC 9460: priority 1, the name itself; alpn (1) h3, h2; ipv4hint (4) 198.51.100.20.
  dns 'dns-rr=chat.deepseek.com,65,0001000001000602683302683200040004c6336414'
  web
  listen
  on c1 ask -t HTTPS chat.deepseek.com
  on c1 s_client $chat 443 -noservername -tls1_3
  hang_up
  want 1 "dns.qry.type == 65 && dns.svcb.svcparam.ipv4hint.ip == $chat"
  want 0 dns.a
  want 1 "$hello && ip.dst == $chat && !$sni"
  look 'tls.handshake.type == 1 || dns' frame.number ip.src ip.dst dns.flags.response dns.qry.name dns.qry.type dns.svcb.svcparam.alpn dns.svcb.svcparam.ipv4hint.ip tls.handshake.extensions_server_name
}

case_ip_fragments() {
  shows='A DNS answer of more than 1500 bytes in IP fragments: 120 addresses for the API. The client then talks to one of them over TLS without a server name.'
  client="$(dig_version), $(openssl_version)"
  lab_up
  local host records=()
  for host in {1..120}; do records+=("host-record=api.deepseek.com,198.51.100.$host"); done
  dns edns-packet-max=4096 "${records[@]}"
  web
  listen
  on c1 ask +bufsize=4096 +notcp api.deepseek.com
  on c1 s_client $alone 443 -noservername -tls1_3
  hang_up
  want 2 'ip.flags.mf == 1 || ip.frag_offset > 0'
  want 1 "dns.count.answers == 120 && dns.a == $alone"
  want 1 "$hello && ip.dst == $alone && !$sni"
  look 'tls.handshake.type == 1 || dns || ip.flags.mf == 1' frame.number frame.len ip.src ip.dst ip.flags.mf ip.frag_offset ip.fragment udp.length dns.qry.name dns.count.answers tls.handshake.extensions_server_name
}

# --- Tunnels and mirrors ---

case_vxlan() {
  shows='VXLAN (network 110), made by the kernel: the name is in the frame inside.'
  client=$(curl_version)
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  web
  vxlan 110
  listen -i c1
  on c1 fetch https://chat.deepseek.com/
  hang_up
  want 0 '!(vxlan.vni == 110) && !arp'
  want 1 "$hello && vxlan.vni == 110 && $sni == \"chat.deepseek.com\""
  look 'tls.handshake.type == 1 || dns' frame.number vxlan.vni ip.src ip.dst udp.dstport dns.flags.response dns.qry.name dns.a tls.handshake.extensions_server_name
}

case_gre() {
  shows='Ethernet in GRE, with a key: the name is in the frame inside. A program on the link (captures/wire.py) wraps the live frames.'
  client=$(curl_version)
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  web
  tunnel gre
  listen -i x1
  on c1 fetch https://chat.deepseek.com/
  hang_up
  want 0 '!(gre.proto == 0x6558 && gre.key == 110)'
  want 1 "$hello && gre && $sni == \"chat.deepseek.com\""
  look 'tls.handshake.type == 1 || dns' frame.number gre.proto gre.key ip.src ip.dst dns.flags.response dns.qry.name dns.a tls.handshake.extensions_server_name
}

case_geneve() {
  shows='Geneve (network 110), with an option: the name is in the frame inside. A program on the link (captures/wire.py) wraps the live frames.'
  client=$(curl_version)
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  web
  tunnel geneve
  listen -i x1
  on c1 fetch https://chat.deepseek.com/
  hang_up
  want 0 '!(geneve.vni == 110 && geneve.option.class == 0xff00)'
  want 1 "$hello && geneve && $sni == \"chat.deepseek.com\""
  look 'tls.handshake.type == 1 || dns' frame.number geneve.vni geneve.option.class ip.src ip.dst udp.dstport dns.flags.response dns.qry.name dns.a tls.handshake.extensions_server_name
}

case_mirror_twice() {
  shows='A mirror port that copies both sides of the link: each frame comes twice, less than 200 microseconds apart. Nothing may be counted twice.'
  client=$(curl_version)
  lab_up
  dns "host-record=chat.deepseek.com,$chat"
  web
  mirror
  listen -i s1
  on c1 fetch https://chat.deepseek.com/
  hang_up
  how+=', fed by captures/wire.py'
  want 2 'tcp.dstport == 443 && tcp.payload contains "chat.deepseek.com"'
  want 2 'dns.a'
  # Without the frames that equal an earlier one of the last 200 microseconds, half of them are left.
  editcap -w 0.0002 "$work/$file" "$work/once" 2>/dev/null
  local once twice
  once=$(tshark -n -r "$work/once" 2>/dev/null | wc -l)
  twice=$(tshark -n -r "$work/$file" 2>/dev/null | wc -l)
  if [[ $((once * 2)) != "$twice" ]]; then
    echo "record.sh: $case: of $twice frames, $once are left without copies: record again on a quieter machine" >&2
    return 1
  fi
  look 'tls.handshake.type || dns || tcp.analysis.retransmission' frame.number frame.time_delta ip.id tcp.len ip.src ip.dst dns.flags.response dns.qry.name dns.a tls.handshake.extensions_server_name
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

# mail_client ADDRESS PORT [OPTION...]: openssl's client after STARTTLS; says goodbye.
mail_client() {
  local address=$1 port=$2
  shift 2
  printf 'QUIT\r\n' | inside openssl s_client -connect "$address:$port" -starttls smtp -CAfile "$work/ca.pem" -quiet -ign_eof "$@"
}

# spki NAME: the fingerprint of a certificate's public key, as Chromium wants it.
spki() {
  openssl x509 -in "$work/$1.pem" -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64
}

# browse URL [OPTION...]: Chromium with a new profile, one page; without QUIC if no options are given.
# It looks up no other name than the one of the page.
browse() {
  local profile url=$1 name=${1#https://}
  shift
  [[ $# -gt 0 ]] || set -- --disable-quic
  profile=$(mktemp -d "$work/profile.XXXXXX")
  inside chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --ignore-certificate-errors --user-data-dir="$profile" \
    --host-resolver-rules="MAP * ~NOTFOUND, EXCLUDE ${name%%/*}" "$@" --dump-dom "$url"
}

openssl_version() { openssl version | cut -d' ' -f1-2; }
curl_version() { curl --version | sed -n '1s/^\(curl [^ ]*\).*\(OpenSSL[^ ]*\).*/\1 (\2)/p'; }
dig_version() { dig -v 2>&1 | sed 's/^DiG \([0-9.]*\).*/dig \1/'; }
chromium_version() { chromium --version 2>/dev/null | cut -d' ' -f1-2; }
