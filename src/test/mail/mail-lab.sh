#!/usr/bin/env bash
# Debian's Postfix on loopback, for NotifierRealIT: STARTTLS and AUTH required for submission, TLS from the beginning on a second
# port, and one mailbox (Maildir, all/) for everybody at example.org but for those whose names begin with "refused" (550) or "later" (450).
#
#   mail-lab.sh start   needs root on Debian; installs Postfix and SASL if they are missing, and libfaketime, by which the test moves
#                       the operator's clock; prints what there is
#   mail-lab.sh stop
#   mail-lab.sh status
#
# Setting: MAIL_LAB (where; default /var/lib/imageshare-mail-lab; every folder above it must be readable by all)
set -euo pipefail

lab=${MAIL_LAB:-/var/lib/imageshare-mail-lab}
etc=$lab/etc
submission=2587
submissions=2465

install_packages() {
    command -v saslpasswd2 >/dev/null && [ -x /usr/sbin/postfix ] && dpkg -s libfaketime >/dev/null 2>&1 && return
    local policy=/usr/sbin/policy-rc.d made=
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        made=1
    fi
    echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
    apt-get -q update
    DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends \
        postfix sasl2-bin libsasl2-modules libsasl2-modules-db openssl libfaketime
    [ -z "$made" ] || rm -f "$policy"
}

certificates() {
    [ -e "$lab/ca.pem" ] && return
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=mail-lab-ca -keyout "$lab/ca.key" -out "$lab/ca.pem" 2>/dev/null
    openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$lab/server.key" -out "$lab/server.csr" 2>/dev/null
    printf 'subjectAltName=DNS:localhost\n' >"$lab/server.ext"
    openssl x509 -req -in "$lab/server.csr" -CA "$lab/ca.pem" -CAkey "$lab/ca.key" -CAcreateserial -days 30 \
        -extfile "$lab/server.ext" -out "$lab/server.pem" 2>/dev/null
}

configure() {
    mkdir -p "$etc/sasl" "$lab/spool" "$lab/data" "$lab/mail"
    chown postfix "$lab/data"
    chown nobody "$lab/mail"
    cat >"$etc/main.cf" <<EOF
compatibility_level = 3.6
queue_directory = $lab/spool
data_directory = $lab/data
maillog_file = /var/log/imageshare-mail-lab.log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.org
mydestination =
alias_maps =
virtual_mailbox_domains = example.org
virtual_mailbox_base = $lab/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
smtpd_tls_cert_file = $lab/server.pem
smtpd_tls_key_file = $lab/server.key
smtpd_tls_auth_only = yes
cyrus_sasl_config_path = $etc/sasl
smtpd_sasl_auth_enable = yes
smtpd_sasl_local_domain = example.org
smtpd_client_connection_rate_limit = 0
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access regexp:$etc/recipients, permit_sasl_authenticated, reject
EOF
    printf '/^refused.*@/ 550 no such mailbox\n/^later.*@/ 450 come back later\n' >"$etc/recipients"
    cat >"$etc/master.cf" <<EOF
127.0.0.1:$submission inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
127.0.0.1:$submissions inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
EOF
    cat >"$etc/sasl/smtpd.conf" <<EOF
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: $lab/sasldb2
mech_list: PLAIN LOGIN
EOF
    printf 's3cr3t-of-the-lab' | saslpasswd2 -p -c -f "$lab/sasldb2" -u example.org images
    chown postfix "$lab/sasldb2"
}

case ${1:-} in
    start)
        install_packages
        mkdir -p "$lab"
        certificates
        if ! postfix -c "$etc" status 2>/dev/null; then
            configure
            postfix -c "$etc" start 2>&1 | grep -v 'starting the Postfix' || true
        fi
        echo "smtp://localhost:$submission smtps://localhost:$submissions user images@example.org ca $lab/ca.pem mail $lab/mail"
        ;;
    stop)
        if postfix -c "$etc" status 2>/dev/null; then
            postfix -c "$etc" stop 2>&1 | grep -v 'stopping the Postfix' || true
        fi
        ;;
    status)
        postfix -c "$etc" status
        ;;
    *)
        sed -n '2,12p' "$0" >&2
        exit 2
        ;;
esac
