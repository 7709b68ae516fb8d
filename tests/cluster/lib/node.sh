# shellcheck shell=bash disable=SC2154  # the globals are set by ../cluster
# The node. It lives in mount, network and process id namespaces of its own, whose first process is
# lib/node-init: when that is killed the kernel ends every process in there (containerd, kubelet, all
# containers) and drops their mounts, bridge, veths and packet filter rules, however badly a test went.
# Nothing of the host's network, /etc/hosts or kernel settings is changed, but for one veth pair and a route,
# which vanish with the namespace, and one tree of control groups.

# Sets $address, $host_address, $pod_cidr and $inside. The control plane runs in the node's network, too, so that pods
# reach the API server at the cluster's service address, and the host reaches it at 198.18.SLOT.2 (from the range
# of RFC 2544). Pods reach the host, and nothing beyond it, at 198.18.SLOT.1.
make_node_network() {
  local node_pid slot
  launch node unshare --mount --net --pid --fork --kill-child --propagation private --mount-proc \
    bash "$here/lib/node-init" "$dir"
  read -r node_pid _ <<<"$(recorded node)"
  await 10 node 'it has a network namespace' other_network "$node_pid"
  inside=(nsenter "--net=/proc/$node_pid/ns/net" --)
  for ((slot = 1; slot <= 250; slot++)); do
    if ip link add "fairlead$slot" type veth peer name eth0 netns "$node_pid" 2>/dev/null; then
      break
    fi
  done
  [[ $slot -le 250 ]] || die 'cannot make a veth pair (no privilege for it, or 250 clusters are running)'
  host_address=198.18.$slot.1
  address=198.18.$slot.2
  pod_cidr=10.244.$slot.0/24
  ip address add "$host_address/30" dev "fairlead$slot"
  ip link set "fairlead$slot" up
  "${inside[@]}" ip address add "$address/30" dev eth0
  "${inside[@]}" ip link set eth0 up
  # An answer at once, instead of a timeout, for what cannot be reached.
  "${inside[@]}" ip route add unreachable default
  # Pods can be reached from the host, for as long as nothing else there has this range.
  ip route add "$pod_cidr" via "$address" dev "fairlead$slot" 2>/dev/null || true
}

other_network() {
  local theirs
  theirs=$(readlink "/proc/$1/ns/net") && [[ -n $theirs && $theirs != "$(readlink /proc/self/ns/net)" ]]
}

# The same directory always has the same control group, so that `down` needs no memory of it.
node_cgroup() {
  local digest
  digest=$(printf '%s' "$dir" | sha256sum)
  printf 'fairlead-%s' "${digest:0:12}"
}

# Directories under which a tree of control groups is to be made: one of version 2, or several of version 1.
cgroup_roots() {
  local root
  if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
    printf '/sys/fs/cgroup\n'
    return
  fi
  for root in /sys/fs/cgroup/*; do
    if [[ ! -L $root && -e $root/cgroup.procs ]]; then
      printf '%s\n' "$root"
    fi
  done
}

make_cgroups() {
  local root group controller file
  group=$(node_cgroup)
  while read -r root; do
    mkdir -p "$root/$group"
    if [[ -e $root/cgroup.controllers ]]; then
      for controller in cpu cpuset memory pids hugetlb; do
        { printf '+%s' "$controller" >"$root/cgroup.subtree_control"; } 2>/dev/null || true
      done
    fi
    for file in cpuset.cpus cpuset.mems; do
      if [[ -e $root/$file && -e $root/$group/$file && ! -s $root/cgroup.controllers ]]; then
        cat "$root/$file" >"$root/$group/$file"
      fi
    done
  done < <(cgroup_roots)
}

remove_cgroups() {
  local root group tries
  group=$(node_cgroup)
  while read -r root; do
    for ((tries = 0; tries < 100; tries++)); do
      [[ -d $root/$group ]] || break
      find "$root/$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
      [[ ! -d $root/$group ]] || sleep 0.05
    done
    [[ ! -d $root/$group ]] || say "the control group $root/$group is still in use"
  done < <(cgroup_roots)
}

write_node_configuration() {
  local snapshotter=overlayfs
  [[ $(stat --file-system --format=%T "$dir") != overlayfs ]] || snapshotter=native
  mkdir -p "$dir"/conf/cni "$dir"/node/containerd
  issue kubelet "system:node:$node" system:nodes "DNS:$node,IP:$address,IP:127.0.0.1"
  issue kube-proxy system:kube-proxy
  certificate_kubeconfig "$dir/conf/kubelet.kubeconfig" "$node" kubelet
  certificate_kubeconfig "$dir/conf/kube-proxy.kubeconfig" kube-proxy kube-proxy
  # There is no name server; one that refuses at once spares everyone the timeout.
  printf 'nameserver 127.0.0.1\n' >"$dir/conf/resolv.conf"
  cat >"$dir/conf/cni/10-bridge.conflist" <<EOF
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "pods0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$pod_cidr"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
EOF
  # Without restrict_oom_score_adj runc fails where CAP_SYS_RESOURCE is missing.
  cat >"$dir/conf/containerd.toml" <<EOF
version = 2
root = "$dir/node/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.internal.v1.tracing",
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
  address = "$dir/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "fairlead.test/pause:1"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$cni_programs"
    conf_dir = "$dir/conf/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "$snapshotter"
EOF
  # Events come at once, however many pods a test starts (the default is 5 a second, and the rest waits).
  # The disk of a developer's machine may be nearly full: that must neither taint the node nor remove images.
  cat >"$dir/conf/kubelet.yaml" <<EOF
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: $dir/pki/ca.crt}
authorization: {mode: Webhook}
cgroupDriver: cgroupfs
cgroupRoot: /$(node_cgroup)
failSwapOn: false
address: $address
tlsCertFile: $dir/pki/kubelet.crt
tlsPrivateKeyFile: $dir/pki/kubelet.key
resolvConf: $dir/conf/resolv.conf
serializeImagePulls: false
imageGCHighThresholdPercent: 100
evictionHard: {nodefs.available: "0%", nodefs.inodesFree: "0%", imagefs.available: "0%"}
nodeStatusUpdateFrequency: 5s
eventRecordQPS: 50
eventBurst: 100
EOF
  cat >"$dir/conf/kube-proxy.yaml" <<EOF
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clusterCIDR: $pod_cidr
hostnameOverride: $node
clientConnection: {kubeconfig: $dir/conf/kube-proxy.kubeconfig}
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
EOF
}

find_cni_programs() {
  for cni_programs in /usr/lib/cni /opt/cni/bin; do
    [[ ! -x $cni_programs/bridge ]] || return 0
  done
  skip 'missing: the CNI plugins (apt-get install containernetworking-plugins)'
}

# The first process waits for the settings and then starts containerd, kubelet and kube-proxy.
start_node() {
  make_cgroups
  write_node_configuration
  declare -p assets node address >"$dir/node/settings.partial"
  mv "$dir/node/settings.partial" "$dir/node/settings"
}

containerd_ctl() { ctr --address "$dir/containerd.sock" --namespace k8s.io "$@"; }

import_images() {
  local image
  "$here/images" "$dir/images"
  await 15 node 'containerd answers' containerd_ctl version
  for image in "$dir"/images/*.tar; do
    containerd_ctl images import "$image" >>"$dir/logs/images.log" 2>&1 || component_failed images "cannot import $image"
  done
}

await_node() {
  record_node_processes
  await 60 kubelet "the node $node registers" admin get node "$node"
  # The controller manager could do this, but starts 10 s later if it is to.
  admin patch node "$node" -p "{\"spec\": {\"podCIDR\": \"$pod_cidr\", \"podCIDRs\": [\"$pod_cidr\"]}}" >/dev/null
  await 60 kubelet "the node $node is Ready" admin wait --for=condition=Ready "node/$node" --timeout=5s
  await 20 kubelet "pods may be scheduled on the node $node" node_has_no_taints
}

node_has_no_taints() {
  local taints
  taints=$(admin get node "$node" --output=jsonpath='{.spec.taints}') && [[ -z $taints ]]
}

# Adds what runs in the namespaces to the list of processes, with the ids that it has outside.
record_node_processes() {
  local node_pid init component pid
  read -r node_pid _ <<<"$(recorded node)"
  init=$(first_of_node "$node_pid")
  for component in containerd kubelet kube-proxy; do
    pid=$(child_named "$init" "$component")
    [[ -n $pid ]] || component_failed "$component" 'has ended'
    printf '%s %s %s\n' "$component" "$pid" "$(start_time "$pid")" >>"$dir/pids"
  done
}

# first_of_node PID: the first process of the namespaces that the recorded process PID made. When it has ended the
# kernel has ended all the others, and only then does PID end.
first_of_node() {
  local init
  init=$(child_named "$1" bash)
  printf '%s' "${init:-$1}"
}

# child_named PARENT NAME
child_named() {
  { cat /proc/[0-9]*/status 2>/dev/null || true; } | awk -v parent="$1" -v name="$2" '
    $1 == "Name:" { is_it = $2 == name }
    $1 == "Pid:" { pid = $2 }
    $1 == "PPid:" && is_it && $2 == parent { found = pid } END { print found }'
}
