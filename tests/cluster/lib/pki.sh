# shellcheck shell=bash disable=SC2154  # the globals are set by ../cluster
# Certificates and kubeconfigs. Uses $dir, $name and $server.

make_authority() {
  mkdir -p "$dir/pki"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -config "$(openssl_config)" \
    -subj "/CN=fairlead-test-ca" -addext basicConstraints=critical,CA:TRUE \
    -addext keyUsage=critical,keyCertSign,cRLSign,digitalSignature \
    -addext subjectKeyIdentifier=hash \
    -keyout "$dir/pki/ca.key" -out "$dir/pki/ca.crt" 2>/dev/null
  openssl genrsa -out "$dir/pki/service-account.key" 2048 2>/dev/null
  openssl rsa -in "$dir/pki/service-account.key" -pubout -out "$dir/pki/service-account.pub" 2>/dev/null
}

openssl_config() {
  printf '[req]\ndistinguished_name=dn\n[dn]\n' >"$dir/pki/openssl.cnf"
  printf '%s' "$dir/pki/openssl.cnf"
}

# issue FILE COMMON_NAME [ORGANIZATION] [ALTERNATIVE_NAMES]: pki/FILE.crt and pki/FILE.key
issue() {
  local file=$1 subject=/CN=$2 names=()
  [[ -z ${3:-} ]] || subject=/O=$3$subject
  [[ -z ${4:-} ]] || names=(-addext "subjectAltName=$4")
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -config "$(openssl_config)" \
    -CA "$dir/pki/ca.crt" -CAkey "$dir/pki/ca.key" -subj "$subject" -addext basicConstraints=critical,CA:FALSE \
    -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=serverAuth,clientAuth "${names[@]}" \
    -keyout "$dir/pki/$file.key" -out "$dir/pki/$file.crt" 2>/dev/null
}

# write_kubeconfig FILE USER < fields of the user: a kubeconfig that needs no other file.
write_kubeconfig() {
  cat >"$1" <<EOF
apiVersion: v1
kind: Config
current-context: $name
contexts:
- name: $name
  context: {cluster: $name, user: $2}
clusters:
- name: $name
  cluster:
    server: $server
    certificate-authority-data: $(base64 -w0 "$dir/pki/ca.crt")
users:
- name: $2
  user:
$(cat)
EOF
  chmod 600 "$1"
}

# certificate_kubeconfig FILE USER PKI_NAME
certificate_kubeconfig() {
  write_kubeconfig "$1" "$2" <<EOF
    client-certificate-data: $(base64 -w0 "$dir/pki/$3.crt")
    client-key-data: $(base64 -w0 "$dir/pki/$3.key")
EOF
}
