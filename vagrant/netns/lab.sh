#!/bin/bash
# The lab in network namespaces: client - router - one segment with the nodes and the backends. Root only.
#
#   lab.sh up     [--prefix P] [--nodes 1..4] [--routing static|bgp] [--replication on|off] [--native DIR] [--work DIR]
#                                         build it, print what `status` prints
#   lab.sh steer  --prefix P all|1..4     static routing: the router sends every VIP over all nodes, or over one
#   lab.sh link   --prefix P 1..4 cut|mend   the node's link carries nothing, silently: no end loses its carrier
#   lab.sh nginx  --prefix P 1..4 kill|start   a backend's nginx, by SIGKILL
#   lab.sh tunnel --prefix P 1..4 break|mend [--native DIR]   a backend no longer decapsulates; its own address still answers
#   lab.sh status --prefix P
#   lab.sh down   --prefix P [--work DIR] [--keep]     remove all of it, whatever state it is in; --keep leaves the logs;
#                                         exit code 1 if something is still there afterwards
#
# Everything is named after the prefix (default l4lb-PID), so labs run side by side and a killed run can be removed.
#
#   P-client                P-router                  P-nodeN (l0)              P-backendN (b0)
#   10.98.0.2 ─── MTU 1500 ─ 10.98.0.1
#   fd98::2                  10.98.1.1 br0 ─ MTU 1700 ─ 10.98.1.1N ────────────── 10.98.1.2N
#                            fd98:1::1                  fd98:1::1N                fd98:1::2N
#   With --routing bgp BIRD runs on the router (AS 64500) and beside each node (AS 64512), BFD 50 ms x 3 between them, and the
#   router knows the VIPs from the nodes only.
#   VIPs: 203.0.113.1-7 and 2001:db8:f::1-7, TCP 80, one per encapsulation and outer family (table `vips` below); the same with
#   TCP 7007, for servers that label each connection (started by whoever wants them).
#   Backends 1-3 are in the nodes' configurations, backend 4 is there to be added.
#   Replication: each node listens on 10.98.1.1N:7654, mutual TLS with certificates in WORK/tls that are made here.
#   The nodes themselves are not started here: their configurations are in WORK/nodeN/node.yaml.
set -euo pipefail

readonly SEGMENT_MTU=1700   # 1500 of the client + 52 of the largest outer header (IPv6, UDP, GUE), rounded up
readonly BACKENDS=4
readonly CONFIGURED_BACKENDS=3   # the others are there to be added to a configuration
readonly CHECK_L4_PORT=7007
readonly REPLICATION_L4_PORT=7654
readonly CERTIFICATE_DAYS=30
readonly LARGE_BYTES=$((4 * 1024 * 1024))
readonly LARGE_RATE=512k    # bytes a second: a large download lasts 8 s
readonly SLOW_BYTES=$((192 * 1024))
readonly SLOW_RATE=32k      # 5 to 6 s; 200 of them at a time are no load
# Three tries of half a second: some seconds of a demo are enough to see a backend go down and come back, and a machine that is
# busy for a second takes none down.
readonly HEALTH_CHECK="{type: http, l4Port: 80, body: backend, intervalMs: 500, timeoutMs: 500, rise: 2, fall: 3}"
# The 5-tuple, read from the packet. Not policy 1: it takes the hash that the client's socket has left on the packet,
# which crosses veth, is random per socket and changes with each retransmission that gets no answer.
readonly HASH_FIELDS=0x37
readonly HASH_SEED=98       # the router's choice of node is the same on every run
# encapsulation, outer family (l2 has that of the inner packet), last digit of both VIP addresses
readonly VIPS="ipip 4 1
ipip 6 2
gue 4 3
gue 6 4
gre 4 5
gre 6 6
l2 - 7"

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() { echo "lab.sh: $*" >&2; exit 2; }
in_ns() { local ns=$1; shift; ip netns exec "$prefix-$ns" "$@"; }
ip_in() { local ns=$1; shift; ip -n "$prefix-$ns" "$@"; }
namespaces() { ip netns list 2>/dev/null | awk '{print $1}' | grep -E "^$prefix-(client|router|(node|backend)[0-9])$" | sort || true; }
node_numbers() { namespaces | sed -n "s/^$prefix-node//p"; }

# Fixed addresses: a failure looks the same on every run. Last byte: 1 router, 1N node N, 2N backend N.
mac() { printf '02:98:00:00:00:%02d' "$1"; }

add_namespace() {
  local ns=$1
  ip netns add "$prefix-$ns"
  ip_in "$ns" link set lo up
  in_ns "$ns" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
    net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
    net.ipv6.conf.all.accept_ra=0 net.ipv6.conf.default.accept_ra=0 \
    net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.default.accept_redirects=0 \
    net.ipv6.conf.all.accept_redirects=0 net.ipv6.conf.default.accept_redirects=0 \
    net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0
}

# add_link NAMESPACE DEVICE MAC ROUTER_DEVICE MTU. Without offloads: veth would leave inner checksums unfilled and send
# packets larger than the MTU, which nobody behind DPDK repairs.
add_link() {
  local ns=$1 device=$2 address=$3 peer=$4 mtu=$5 off=(tx off rx off tso off gso off gro off)
  ip link add "$device" address "$address" mtu "$mtu" netns "$prefix-$ns" type veth \
    peer name "$peer" mtu "$mtu" netns "$prefix-router"
  in_ns "$ns" ethtool -K "$device" "${off[@]}" >/dev/null
  in_ns router ethtool -K "$peer" "${off[@]}" >/dev/null
  ip_in router link set "$peer" up
  ip_in "$ns" link set "$device" up
}

# add_member NAMESPACE DEVICE NUMBER: on the segment, with 10.98.1.NUMBER and fd98:1::NUMBER, default by the router.
# The bridge knows who is where from the start and floods nothing: a flooded packet for a VIP would be balanced twice.
add_member() {
  local ns=$1 device=$2 number=$3
  add_link "$ns" "$device" "$(mac "$number")" "$ns" $SEGMENT_MTU
  in_ns router sysctl -qw "net.ipv6.conf.$ns.disable_ipv6=1"   # a member of a bridge needs no address
  ip_in router link set "$ns" master br0
  in_ns router bridge link set dev "$ns" learning off flood off
  in_ns router bridge fdb replace "$(mac "$number")" dev "$ns" master static   # may have been learned by now
  ip_in "$ns" addr add "10.98.1.$number/24" dev "$device"
  ip_in "$ns" -6 addr add "fd98:1::$number/64" dev "$device" nodad
  ip_in "$ns" route add default via 10.98.1.1
  ip_in "$ns" -6 route add default via fd98:1::1
}

make_router() {
  add_namespace router
  in_ns router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
    net.ipv4.fib_multipath_hash_fields=$HASH_FIELDS net.ipv6.fib_multipath_hash_fields=$HASH_FIELDS \
    net.ipv4.fib_multipath_hash_policy=3 net.ipv6.fib_multipath_hash_policy=3
  in_ns router sysctl -qw net.ipv4.fib_multipath_hash_seed=$HASH_SEED 2>/dev/null || true   # kernel 6.11 and newer
  ip_in router link add br0 address "$(mac 1)" mtu $SEGMENT_MTU type bridge mcast_snooping 0
  in_ns router ethtool -K br0 tx off tso off gso off gro off >/dev/null
  ip_in router addr add 10.98.1.1/24 dev br0
  ip_in router -6 addr add fd98:1::1/64 dev br0 nodad
  ip_in router link set br0 up
}

make_client() {
  add_namespace client
  in_ns client sysctl -qw net.ipv4.tcp_max_tw_buckets=0   # a test may use a client's L4 port twice in a minute
  add_link client c0 02:98:00:00:01:02 client 1500
  ip_in router addr add 10.98.0.1/24 dev client
  ip_in router -6 addr add fd98::1/64 dev client nodad
  ip_in client addr add 10.98.0.2/24 dev c0
  ip_in client -6 addr add fd98::2/64 dev c0 nodad
  ip_in client route add default via 10.98.0.1
  ip_in client -6 route add default via fd98::1
}

make_backend() {
  local name=backend$1 digit
  add_namespace "$name"
  in_ns "$name" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
  add_member "$name" b0 "2$1"
  for digit in 1 2 3 4 5 6 7; do
    ip_in "$name" addr add "203.0.113.$digit/32" dev lo
    ip_in "$name" -6 addr add "2001:db8:f::$digit/128" dev lo nodad
  done
  attach_decapsulation "$name"
  write_nginx_configuration "$name"
  start_nginx "$name"
}

attach_decapsulation() { ip_in "$1" link set dev b0 xdpdrv obj "$native/decapsulate.o" sec xdp; }

# One nginx of its own per backend, nothing shared with the system's.
write_nginx_configuration() {
  local name=$1 dir=$work/$1
  mkdir -p "$dir/www" "$dir/tmp"
  echo "$name" >"$dir/www/index.html"
  truncate -s $LARGE_BYTES "$dir/www/large"
  truncate -s $SLOW_BYTES "$dir/www/slow"
  cat >"$dir/nginx.conf" <<NGINX
user root;
worker_processes 1;
pid $dir/nginx.pid;
error_log $dir/error.log;
events { worker_connections 1024; }
http {
  access_log $dir/access.log;
  client_body_temp_path $dir/tmp; proxy_temp_path $dir/tmp; fastcgi_temp_path $dir/tmp;
  uwsgi_temp_path $dir/tmp; scgi_temp_path $dir/tmp;
  server {
    listen 80 backlog=1024;
    listen [::]:80 backlog=1024;
    root $dir/www;
    add_header X-Backend $name;
    location = /large { limit_rate $LARGE_RATE; }
    location = /slow { limit_rate $SLOW_RATE; }
  }
}
NGINX
}

# It forks when it listens.
start_nginx() {
  local dir=$work/$1
  in_ns "$1" nginx -p "$dir" -e "$dir/error.log" -c "$dir/nginx.conf" </dev/null >"$dir/nginx.log" 2>&1 ||
    { cat "$dir/nginx.log" >&2; return 1; }
}

# Master and workers at once: one left alone would go on, or start others.
kill_nginx() {
  local pid pids=()
  for pid in $(ip netns pids "$prefix-$1"); do
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != nginx ] || pids+=("$pid")
  done
  [ ${#pids[@]} -gt 0 ] || fail "nginx: none runs on $1 of lab $prefix"
  kill -KILL "${pids[@]}"
}

nginx_of() {
  case $2 in
    kill) kill_nginx "backend$1" ;;
    start) start_nginx "backend$1" ;;
    *) fail "nginx: kill or start" ;;
  esac
}

tunnel() {
  case $2 in
    break) ip_in "backend$1" link set dev b0 xdp off ;;
    mend) attach_decapsulation "backend$1" ;;
    *) fail "tunnel: break or mend" ;;
  esac
}

write_pool() {   # NAME ADDRESS_PREFIX, a %d behind it stands for the backend
  local name=$1 address=$2 backend
  echo "  - name: $name"
  echo "    healthCheck: $HEALTH_CHECK"
  echo "    backends:"
  for ((backend = 1; backend <= CONFIGURED_BACKENDS; backend++)); do
    echo "      - {name: backend$backend, address: \"${address}2$backend\", weight: 100, mac: \"$(mac "2$backend")\"}"
  done
}

write_vip() {   # ENCAPSULATION INNER OUTER ADDRESS
  local name=$1-$2
  [ "$1" = l2 ] || name+="in$3"
  echo "  - {name: $name, address: \"$4\", protocol: tcp, l4Port: 80, pool: pool$3, encapsulation: $1}"
  echo "  - {name: check-$name, address: \"$4\", protocol: tcp, l4Port: $CHECK_L4_PORT, pool: pool$3, encapsulation: $1}"
}

write_vips() {
  local encapsulation outer digit
  while read -r encapsulation outer digit; do
    write_vip "$encapsulation" 4 "${outer/-/4}" "203.0.113.$digit"
    write_vip "$encapsulation" 6 "${outer/-/6}" "2001:db8:f::$digit"
  done <<<"$VIPS"
}

# A certificate authority for this lab, and a certificate for each node: its DNS name is the node's id.
make_certificates() {
  local number key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes) dir=$work/tls
  mkdir -p "$dir"
  openssl req -x509 "${key[@]}" -days $CERTIFICATE_DAYS -subj "/CN=$prefix" -keyout "$dir/ca.key" -out "$dir/ca.pem" 2>"$dir/log"
  for ((number = 1; number <= nodes; number++)); do
    openssl req -new "${key[@]}" -subj "/CN=node$number" -keyout "$dir/node$number.key" 2>>"$dir/log" |
      openssl x509 -req -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -days $CERTIFICATE_DAYS -out "$dir/node$number.pem" \
        -extfile <(echo "subjectAltName=DNS:node$number") 2>>"$dir/log"
  done || { cat "$dir/log" >&2; return 1; }
}

write_replication() {
  local node=$1 peer tls=$work/tls
  echo "replication:"
  echo "  cluster: $prefix"
  echo "  listen: 10.98.1.1$node:$REPLICATION_L4_PORT"
  echo "  peers:"
  for ((peer = 1; peer <= nodes; peer++)); do
    [ "$peer" = "$node" ] || echo "    - {id: node$peer, address: \"10.98.1.1$peer:$REPLICATION_L4_PORT\"}"
  done
  [ "$nodes" -gt 1 ] || echo "    []"
  echo "  tls: {certificate: $tls/node$node.pem, key: $tls/node$node.key, ca: $tls/ca.pem}"
  echo "  flows: 65536"
  echo "  catchUpSeconds: 3"
}

write_node_configuration() {
  local node=$1 dir=$work/node$1
  mkdir -p "$dir/state"
  { cat <<YAML
node:
  id: node$node
  stateDirectory: $dir/state
dataplane:
  eal: ["--no-huge", "-m", "64", "--file-prefix", "$prefix-node$node"]
  ethPorts:
    - {name: edge, device: "net_af_xdp0,iface=l0", xdpFilter: true}
  workers: 1
  idle: backoff
  outerSource: {ipv4: 10.98.1.1$node, ipv6: "fd98:1::1$node"}
  nextHop: "$(mac 1)"
  mtuBytes: $SEGMENT_MTU
  flowTable: {flows: 16384, idleSeconds: {tcp: 300, udp: 60}}
YAML
    [ "$routing" = static ] || cat <<YAML
announce:
  daemon: bird
  configFile: $dir/l4lb.conf
  controlSocket: $dir/bird.ctl
  localAs: 64512
  neighbours: [{address: 10.98.1.1, as: 64500}]
  drainSeconds: 3
  stallMs: 100   # nodes, router, backends and clients share this machine's CPUs
YAML
    [ "$replication" = off ] || write_replication "$node"
    echo "pools:"
    write_pool pool4 10.98.1.
    write_pool pool6 fd98:1::
    echo "vips:"
    write_vips
  } >"$dir/node.yaml"
}

# Starts BIRD in a namespace, with its configuration from standard input. It forks when it is there.
start_bird() {
  local ns=$1 dir=$work/$1
  mkdir -p "$dir"
  { echo "log \"$dir/bird.log\" all;"; cat; } >"$dir/bird.conf"
  in_ns "$ns" "$(command -v bird || echo /usr/sbin/bird)" -c "$dir/bird.conf" -s "$dir/bird.ctl" -P "$dir/bird.pid" \
    </dev/null >"$dir/bird.start" 2>&1 || { cat "$dir/bird.start" >&2; return 1; }
}

# As an operator has it: what l4lb writes is included, the rest is the operator's.
start_node_bird() {
  start_bird "node$1" <<BIRD
router id 10.98.1.1$1;
protocol device { scan time 10; }
include "$work/node$1/l4lb*.conf";
BIRD
}

start_router_bird() {
  local number
  {
    cat <<'BIRD'
router id 10.98.0.1;
protocol device { scan time 10; }
protocol direct { ipv4; ipv6; interface "br0"; }
protocol kernel { ipv4 { export where source = RTS_BGP; }; merge paths on limit 16; scan time 10; }
protocol kernel { ipv6 { export where source = RTS_BGP; }; merge paths on limit 16; scan time 10; }
protocol bfd { interface "br0" { min rx interval 50 ms; min tx interval 50 ms; idle tx interval 300 ms; multiplier 3; }; }
template bgp node {
  local as 64500;
  hold time 9; keepalive time 3; connect delay time 1; connect retry time 1; error wait time 1, 2;
  bfd on;
  ipv4 { import where net ~ [ 203.0.113.0/24{32,32} ]; export none; };
  ipv6 { import where net ~ [ 2001:db8:f::/48{128,128} ]; export none; };
}
BIRD
    for ((number = 1; number <= nodes; number++)); do
      echo "protocol bgp node$number from node { neighbor 10.98.1.1$number as 64512; }"
    done
  } | start_bird router
}

# A disabled member of a bridge: frames vanish in both directions, and nobody is told.
link() {
  case $2 in
    cut) in_ns router bridge link set dev "node$1" state 0 ;;
    mend) in_ns router bridge link set dev "node$1" state 3 ;;
    *) fail "link: cut or mend" ;;
  esac
}

up() {
  local number
  [ "$(id -u)" = 0 ] || fail "needs root"
  [ -r "$native/decapsulate.o" ] || fail "no decapsulate.o in $native: build the module native, or give --native DIR"
  [ -z "$(namespaces)" ] || fail "a lab named $prefix exists: lab.sh down --prefix $prefix"
  trap 'down >&2' EXIT
  trap 'exit 1' HUP INT TERM
  mkdir -p "$work"
  [ "$replication" = off ] || make_certificates
  make_router
  make_client
  for ((number = 1; number <= nodes; number++)); do
    add_namespace "node$number"
    add_member "node$number" l0 "1$number"
    write_node_configuration "$number"
  done
  for ((number = 1; number <= BACKENDS; number++)); do make_backend "$number"; done
  if [ "$routing" = bgp ]; then
    for ((number = 1; number <= nodes; number++)); do start_node_bird "$number"; done
    start_router_bird
  else
    steer all
  fi
  trap - EXIT
  status
}

# steer all|N: static multipath routes, or the routes to one node.
steer() {
  local via4=() via6=() node digit
  for node in $(node_numbers); do
    [ "$1" = all ] || [ "$1" = "$node" ] || continue
    via4+=(nexthop via "10.98.1.1$node" dev br0)
    via6+=(nexthop via "fd98:1::1$node" dev br0)
  done
  [ ${#via4[@]} -gt 0 ] || fail "steer: no node $1 in lab $prefix"
  for digit in 1 2 3 4 5 6 7; do
    ip_in router route replace "203.0.113.$digit/32" "${via4[@]}"
    ip_in router -6 route replace "2001:db8:f::$digit/128" "${via6[@]}"
  done
}

status() {
  local ns
  echo "prefix $prefix"
  echo "work $work"
  for ns in $(namespaces); do
    echo "namespace $ns $(ip -n "$ns" -br addr | awk '$1 !~ /^lo/ && NF > 2 {print $1, $3, $4}' | paste -sd' ')" \
      "pids [$(ip netns pids "$ns" | paste -sd' ')]"
  done
}

# Processes are ended by their ids, which the kernel knows by namespace: first asked, then killed.
end_processes() {
  local ns pids attempt
  for attempt in 1 2 3 4 5 6 7 8 9 10 11; do
    pids=$(for ns in $(namespaces); do ip netns pids "$ns"; done)
    [ -n "$pids" ] || return 0
    # shellcheck disable=SC2086 # a list of numbers
    case $attempt in 1) kill -TERM $pids ;; 10) kill -KILL $pids ;; esac 2>/dev/null
    sleep 0.2
  done
}

# What is still there, one per line.
remains() {
  namespaces
  compgen -G "/var/run/dpdk/$prefix-node[0-9]"
  [ "$keep" = yes ] || [ ! -e "$work" ] || echo "$work"
}

# A process may have made a file, or come into a namespace, just before its end: looks again and repeats.
down() {
  local ns attempt
  set +e
  for attempt in 1 2 3; do
    end_processes
    for ns in $(namespaces); do
      [ -n "$(ip netns pids "$ns")" ] || ip netns delete "$ns"   # a process in a nameless one would never be found
    done
    rm -rf "/var/run/dpdk/$prefix-node"[0-9]
    [ "$keep" = yes ] || rm -rf "$work"
    [ -n "$(remains)" ] || return 0
    sleep 0.5
  done
  echo "lab.sh: not removed: $(remains | paste -sd' ')" >&2
  return 1
}

command=${1:-}; shift || true
prefix='' work='' nodes=2 keep=no native=$here/../../native/target/native argument='' routing=static replication=on change=''
while [ $# -gt 0 ]; do
  case $1 in
    --prefix) prefix=${2:?--prefix needs a name}; shift 2 ;;
    --work) work=${2:?--work needs a directory}; shift 2 ;;
    --native) native=${2:?--native needs a directory}; shift 2 ;;
    --nodes) nodes=${2:?--nodes needs a number}; shift 2 ;;
    --keep) keep=yes; shift ;;
    --routing) routing=${2:?--routing needs static or bgp}; shift 2 ;;
    --replication) replication=${2:?--replication needs on or off}; shift 2 ;;
    cut | mend | break | kill | start) change=$1; shift ;;
    all | [1-4]) argument=$1; shift ;;
    *) fail "unknown argument $1" ;;
  esac
done
if [ "$command" = up ]; then prefix=${prefix:-l4lb-$$}; fi
[[ $prefix =~ ^[a-z0-9-]{1,40}$ ]] || fail "--prefix: small letters, digits and dashes, at most 40"
[[ $nodes =~ ^[1-4]$ ]] || fail "--nodes: 1 to 4"
[[ $routing =~ ^(static|bgp)$ ]] || fail "--routing: static or bgp"
[[ $replication =~ ^(on|off)$ ]] || fail "--replication: on or off"
work=${work:-/run/l4lb-lab/$prefix}
case $command in
  up) native=$(cd "$native" 2>/dev/null && pwd) || fail "--native: no such directory"; up ;;
  steer) steer "$argument" ;;
  link) link "$argument" "$change" ;;
  nginx) nginx_of "$argument" "$change" ;;
  tunnel) tunnel "$argument" "$change" ;;
  status) status ;;
  down) down ;;
  *) fail "usage: lab.sh up|steer|link|nginx|tunnel|status|down [--prefix P] [--nodes 1..4] [--routing static|bgp] [--replication on|off] [--native DIR] [--work DIR] [--keep] [all|N]" ;;
esac
