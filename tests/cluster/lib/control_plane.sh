# shellcheck shell=bash disable=SC2154  # the globals are set by ../cluster
# etcd, the API server, the controller manager and the scheduler.
# Uses $dir, $assets, $address (where they listen), $inside (a prefix that enters the node's network, or
# nothing), the ports and $pod_cidr.

service_cidr=10.96.0.0/16
service_address=10.96.0.1

make_control_plane_identities() {
  local names=IP:127.0.0.1,IP:$service_address,DNS:localhost
  [[ $address == 127.0.0.1 ]] || names+=,IP:$address
  names+=,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc
  names+=,DNS:kubernetes.default.svc.cluster.local
  make_authority
  issue apiserver kube-apiserver '' "$names"
  issue kubelet-client kube-apiserver-kubelet-client system:masters
  issue admin admin system:masters
  issue controller-manager system:kube-controller-manager
  issue scheduler system:kube-scheduler
  certificate_kubeconfig "$dir/admin.kubeconfig" admin admin
  certificate_kubeconfig "$dir/conf/controller-manager.kubeconfig" controller-manager controller-manager
  certificate_kubeconfig "$dir/conf/scheduler.kubeconfig" scheduler scheduler
}

# What clients did, without the chatter of the cluster's own parts: tests can ask which requests were made.
write_audit_policy() {
  cat >"$dir/conf/audit-policy.yaml" <<'EOF'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  users: ["system:apiserver", "system:kube-controller-manager", "system:kube-scheduler", "system:kube-proxy"]
- level: None
  userGroups: ["system:nodes"]
- level: Metadata
  users: ["system:serviceaccount:kube-system:fairlead-admin"]
- level: None
  userGroups: ["system:serviceaccounts:kube-system"]
- level: None
  users: ["system:anonymous"]
  nonResourceURLs: ["/healthz*", "/livez*", "/readyz*"]
- level: Metadata
EOF
}

start_etcd() {
  mkdir "$dir/etcd"
  chmod 700 "$dir/etcd"
  launch etcd "${inside[@]}" etcd --data-dir "$dir/etcd" --log-level warn \
    --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
    --listen-peer-urls "http://127.0.0.1:$etcd_peer_port" --initial-advertise-peer-urls "http://127.0.0.1:$etcd_peer_port" \
    --initial-cluster "default=http://127.0.0.1:$etcd_peer_port"
}

start_apiserver() {
  local options=()
  write_audit_policy
  [[ -z $node ]] || options+=(--kubelet-certificate-authority="$dir/pki/ca.crt")
  [[ $address == 127.0.0.1 ]] || options+=(--advertise-address="$address")
  launch kube-apiserver "${inside[@]}" "$assets/kube-apiserver" "${options[@]}" \
    --etcd-servers="http://127.0.0.1:$etcd_port" \
    --bind-address="$bind_address" --secure-port="$api_port" --cert-dir="$dir/pki" \
    --tls-cert-file="$dir/pki/apiserver.crt" --tls-private-key-file="$dir/pki/apiserver.key" \
    --client-ca-file="$dir/pki/ca.crt" --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
    --service-account-key-file="$dir/pki/service-account.pub" \
    --service-account-signing-key-file="$dir/pki/service-account.key" \
    --service-account-issuer=https://kubernetes.default.svc.cluster.local \
    --service-cluster-ip-range="$service_cidr" --allow-privileged \
    --kubelet-client-certificate="$dir/pki/kubelet-client.crt" --kubelet-client-key="$dir/pki/kubelet-client.key" \
    --kubelet-preferred-address-types=InternalIP,Hostname \
    --audit-policy-file="$dir/conf/audit-policy.yaml" --audit-log-path="$dir/logs/audit.log" --v=1
}

start_controller_manager() {
  launch kube-controller-manager "${inside[@]}" "$assets/kube-controller-manager" \
    --kubeconfig="$dir/conf/controller-manager.kubeconfig" --bind-address=127.0.0.1 \
    --secure-port="$controller_manager_port" --port=0 --leader-elect=false --use-service-account-credentials \
    --service-account-private-key-file="$dir/pki/service-account.key" --root-ca-file="$dir/pki/ca.crt" \
    --cluster-signing-cert-file="$dir/pki/ca.crt" --cluster-signing-key-file="$dir/pki/ca.key" \
    --service-cluster-ip-range="$service_cidr" --v=1
}

start_scheduler() {
  launch kube-scheduler "${inside[@]}" "$assets/kube-scheduler" --kubeconfig="$dir/conf/scheduler.kubeconfig" \
    --bind-address=127.0.0.1 --secure-port="$scheduler_port" --port=0 --leader-elect=false --v=1
}

# A service account that may do everything, and a token of it that outlives any test. Sets $token.
make_service_account() {
  local request='{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":31536000}}'
  await 20 kube-apiserver 'the namespace kube-system is there' admin get namespace kube-system
  admin apply -f - >/dev/null <<'EOF'
apiVersion: v1
kind: ServiceAccount
metadata: {name: fairlead-admin, namespace: kube-system}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: fairlead-admin}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects:
- {kind: ServiceAccount, name: fairlead-admin, namespace: kube-system}
EOF
  token=$(admin create --raw /api/v1/namespaces/kube-system/serviceaccounts/fairlead-admin/token -f - <<<"$request" |
    sed -n 's/.*"token": *"\([^"]*\)".*/\1/p')
  [[ -n $token ]] || component_failed kube-apiserver 'gave no service account token'
  write_kubeconfig "$dir/token.kubeconfig" fairlead-admin <<<"    token: $token"
}
