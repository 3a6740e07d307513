#!/bin/bash
# A real Keystone and a real Glance on loopback, for the tests named *RealIT:
# Debian's packages, SQLite, a file store; no systemd, message queue or MariaDB.
#
#   openstack-lab.sh start  [strict] [RELEASE]   install what is missing, configure, start, seed
#   openstack-lab.sh stop   [strict] [RELEASE]   end the two servers; what they hold is kept
#   openstack-lab.sh status [strict] [RELEASE]   exits 1 unless both servers are up
#   openstack-lab.sh reset  [strict] [RELEASE]   stop, and delete all that the lab has written
#   openstack-lab.sh root   [strict] [RELEASE]   prints the lab's folder
#
# Each verb may be repeated, and all labs can run side by side. Installing needs
# root, the rest does not, but for releases other than this machine's.
# RELEASE is Debian's: bookworm (the default), trixie, or sid, its newest. One
# that isn't this machine's is installed into a folder by debootstrap, from the
# archive that apt uses here; "start" exits 3 if the archive doesn't have it.
# "strict" is a second lab beside the first: Glance's role-based policies, and
# uWSGI's threads in place of eventlet, under which equal additions at once
# leave several rows of one member. In sid Glance has no server of its own: both
# labs run under uWSGI.
#
# Settings from the environment, with the default of the first lab of bookworm:
#   LAB_ROOT        ~/.cache/openstack-lab   then -strict, and -RELEASE
#   KEYSTONE_PORT   5000      strict: one more; trixie: 5010, sid: 5020
#   GLANCE_PORT     9292      strict: one more; trixie: 9302, sid: 9312
#   SECURE_RBAC     false     strict: true
#   GLANCE_SERVER   eventlet  strict, and sid: uwsgi
#   TOKEN_SECONDS   3600      life of a token
#   MEMBER_QUOTA    128       Glance's image_member_quota, its own default
#   DEBIAN_ROOTS    ~/.cache/imageshare/debian   where the other releases are
# Servers that run already keep the settings that they were started with.
set -euo pipefail

verb=${1:-}; shift || true
strict=; release=bookworm
for word in "$@"; do
    case $word in
        strict)              strict=1 ;;
        bookworm|trixie|sid) release=$word ;;
        *) echo "unknown lab: $word (strict, and bookworm, trixie or sid, may be said)" >&2; exit 2 ;;
    esac
done
case $release in
    bookworm) above=0  server=eventlet ;;
    trixie)   above=10 server=eventlet ;;
    sid)      above=20 server=uwsgi ;;
esac
rbac=false
[ -z "$strict" ] || { above=$((above + 1)); server=uwsgi; rbac=true; }
lab=openstack-lab${strict:+-strict}
[ $release = bookworm ] || lab=$lab-$release
LAB_ROOT=${LAB_ROOT:-$HOME/.cache/$lab}
KEYSTONE_PORT=${KEYSTONE_PORT:-$((5000 + above))}
GLANCE_PORT=${GLANCE_PORT:-$((9292 + above))}
SECURE_RBAC=${SECURE_RBAC:-$rbac}
GLANCE_SERVER=${GLANCE_SERVER:-$server}
TOKEN_SECONDS=${TOKEN_SECONDS:-3600}
MEMBER_QUOTA=${MEMBER_QUOTA:-128}
DEBIAN_ROOTS=${DEBIAN_ROOTS:-$HOME/.cache/imageshare/debian}

# Not secret: they guard a service on loopback that holds test images.
ADMIN_PASSWORD=lab-admin-secret
SERVICE_PASSWORD=lab-glance-secret
USER_PASSWORD=lab-user-secret

K=$LAB_ROOT/keystone
G=$LAB_ROOT/glance
RUN=$LAB_ROOT/run
LOG=$LAB_ROOT/log
BIN=$LAB_ROOT/bin
AUTH=http://127.0.0.1:$KEYSTONE_PORT/v3
IMAGE=http://127.0.0.1:$GLANCE_PORT
PACKAGES="keystone glance-api"
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
# The folder that has the release, empty if it is this machine's.
CHROOT=
[ "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" = $release ] || CHROOT=$DEBIAN_ROOTS/$release

# The distribution's Python, whatever else is first in PATH, and no proxy to loopback.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV
for name in $(compgen -e | grep '^OS_' || true); do unset "$name"; done

say() { printf '%s %s: %s\n' "$(date +%T)" "$lab" "$*" >&2; }

# ------------------------------------------------------------------- packages
install_packages() {
    if [ -n "$CHROOT" ]; then
        mkdir -p "$DEBIAN_ROOTS"
        "$here/debian-root.sh" "$release" "$CHROOT" $PACKAGES
        return
    fi
    local package missing=
    for package in $PACKAGES; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing=1
    done
    [ -n "$missing" ] || return 0
    say "installing $PACKAGES (a minute or two; log: $LOG/apt.log)"
    mkdir -p "$LOG"
    # The packages would start their daemons at once; 101 means "forbidden by local policy".
    local policy=/usr/sbin/policy-rc.d made= rc=0
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod 755 "$policy"; made=1
    fi
    export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true
    { apt-get -q update && apt-get -q -y install --no-install-recommends $PACKAGES; } \
        >"$LOG/apt.log" 2>&1 </dev/null || rc=$?
    [ -z "$made" ] || rm -f "$policy"
    [ "$rc" = 0 ] || { tail -20 "$LOG/apt.log" >&2; say "apt-get failed ($rc)"; return "$rc"; }
}

# What comes before a command to run it where the release's packages are. The mounts are the command's own, and end with it.
inside=()
[ -z "$CHROOT" ] || inside=(unshare --mount --propagation private "$BIN/in-root.sh" "$CHROOT" "$LAB_ROOT")

version() { # version PACKAGE
    dpkg-query ${CHROOT:+--admindir="$CHROOT/var/lib/dpkg"} -W -f '${Version}' "$1"
}

# -------------------------------------------------------------- configuration
configure() {
    mkdir -p "$K"/{fernet-keys,credential-keys,policy.d} "$G"/{images,staging,tasks,lock,policy.d} "$RUN" "$LOG" "$BIN"
    cp "$here"/in-root.sh "$here"/*.py "$BIN"
    chmod 700 "$LAB_ROOT" "$K/fernet-keys" "$K/credential-keys"

    # sqlite_synchronous: nothing here must outlive a power cut.
    # check_same_thread: a connection may be closed by another thread than its own.
    # cache: a request is some 200 SQL queries without; it lives in the process, so there is one.
    # password_hash_rounds: 12, the default, is a third of a second of CPU for each login.
    # policy_dirs: an empty folder, so the policy in the code holds, whatever /etc has.
    cat >"$K/keystone.conf" <<EOF
[DEFAULT]
log_file = $LOG/keystone.log
use_stderr = false
public_endpoint = http://127.0.0.1:$KEYSTONE_PORT/
[database]
connection = sqlite:///$K/keystone.db?timeout=60&check_same_thread=false
sqlite_synchronous = false
[token]
provider = fernet
expiration = $TOKEN_SECONDS
[fernet_tokens]
key_repository = $K/fernet-keys
[fernet_receipts]
key_repository = $K/fernet-keys
[credential]
key_repository = $K/credential-keys
[cache]
enabled = true
backend = dogpile.cache.memory_pickle
[identity]
password_hash_rounds = 4
[oslo_policy]
policy_dirs = $K/policy.d
[oslo_messaging_notifications]
driver = noop
EOF
    uwsgi_ini keystone "$K" "$KEYSTONE_PORT" "$BIN/keystone_wsgi.py" 1 8 >"$K/uwsgi.ini"
    cat >>"$K/uwsgi.ini" <<EOF
env = OS_KEYSTONE_CONFIG_DIR=$K
env = OS_KEYSTONE_CONFIG_FILES=keystone.conf
disable-logging = true
EOF

    # timeout: sqlite_locks.py waits.
    # flavor: without it there is no authentication at all.
    # enforce_*: Glance refuses to start unless both agree.
    # service_type: else tokens of credentials with access rules are refused.
    sed "s#/etc/glance/healthcheck_disable#$G/healthcheck_disable#" \
        "$CHROOT/usr/share/glance-common/glance-api-paste.ini" >"$G/glance-api-paste.ini"
    cat >"$G/glance-api.conf" <<EOF
[DEFAULT]
bind_host = 127.0.0.1
bind_port = $GLANCE_PORT
workers = 2
log_file = $LOG/glance.log
use_stderr = false
enabled_backends = local:file
image_member_quota = $MEMBER_QUOTA
node_staging_uri = file://$G/staging
enforce_secure_rbac = $SECURE_RBAC
[glance_store]
default_backend = local
[local]
filesystem_store_datadir = $G/images
[os_glance_staging_store]
filesystem_store_datadir = $G/staging
[os_glance_tasks_store]
filesystem_store_datadir = $G/tasks
[database]
connection = sqlite:///$G/glance.db?timeout=0.05&check_same_thread=false
sqlite_synchronous = false
[keystone_authtoken]
www_authenticate_uri = http://127.0.0.1:$KEYSTONE_PORT
auth_url = http://127.0.0.1:$KEYSTONE_PORT
auth_type = password
project_domain_name = Default
user_domain_name = Default
project_name = service
username = glance
password = $SERVICE_PASSWORD
region_name = RegionOne
interface = internal
service_type = image
[paste_deploy]
flavor = keystone
config_file = $G/glance-api-paste.ini
[oslo_policy]
enforce_new_defaults = $SECURE_RBAC
policy_dirs = $G/policy.d
[oslo_concurrency]
lock_path = $G/lock
[oslo_messaging_notifications]
driver = noop
EOF
    chmod 600 "$G/glance-api.conf"
    uwsgi_ini glance "$G" "$GLANCE_PORT" "$BIN/glance_wsgi.py" 2 16 >"$G/uwsgi.ini"
    cat >>"$G/uwsgi.ini" <<EOF
env = OS_GLANCE_CONFIG_DIR=$G
log-format = %(tmsecs) %(project) "%(method) %(uri) %(proto)" %(status)
socket-timeout = 30
http-auto-chunked = true
http-chunked-input = true
http-raw-body = true
wsgi-manage-chunked-input = true
EOF
}

uwsgi_ini() { # uwsgi_ini NAME FOLDER PORT PROGRAM PROCESSES THREADS; http11-socket has keep-alive: a thread for each connection
    cat <<EOF
[uwsgi]
plugins = python3
http11-socket = 127.0.0.1:$3
pythonpath = $BIN
wsgi-file = $4
name = lab-$1
master = true
lazy-apps = true
enable-threads = true
thunder-lock = true
no-orphans = true
die-on-term = true
need-app = true
processes = $5
threads = $6
listen = 100
buffer-size = 65535
chdir = $2
EOF
}

# ------------------------------------------------------------------ databases
databases() {
    [ ! -e "$LAB_ROOT/databases.done" ] || return 0
    say "making the databases"
    rm -f "$K"/keystone.db* "$G"/glance.db*
    {
        local manage="${inside[*]} keystone-manage --config-file $K/keystone.conf"
        local as="--keystone-user $(id -un) --keystone-group $(id -gn)"
        $manage db_sync
        $manage fernet_setup $as
        $manage credential_setup $as
        $manage bootstrap --bootstrap-password "$ADMIN_PASSWORD" --bootstrap-region-id RegionOne \
            --bootstrap-public-url "$AUTH" --bootstrap-internal-url "$AUTH" --bootstrap-admin-url "$AUTH"
        "${inside[@]}" glance-manage --config-file "$G/glance-api.conf" db_sync
        # a write-ahead log: readers do not wait for the writer, nor it for them
        "${inside[@]}" /usr/bin/python3 -c 'import sqlite3, sys
for path in sys.argv[1:]: sqlite3.connect(path).execute("PRAGMA journal_mode=WAL")' "$K/keystone.db" "$G/glance.db"
    } >"$LOG/databases.log" 2>&1 || { tail -20 "$LOG/databases.log" >&2; return 1; }
    touch "$LAB_ROOT/databases.done"
}

# -------------------------------------------------------------------- servers
running() { # running NAME: its PID, if that process is this lab's (PIDs are used again)
    local pid
    pid=$(cat "$RUN/$1.pid" 2>/dev/null) && [ -n "$pid" ] || return 1
    tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "$LAB_ROOT/" || return 1
    echo "$pid"
}

launch() { # launch NAME COMMAND...: in a session of its own, without this script's lock
    local name=$1; shift
    running "$name" >/dev/null && return 0
    setsid "${inside[@]}" "$@" >>"$LOG/$name-console.log" 2>&1 </dev/null 8>&- &
    echo $! >"$RUN/$name.pid"
    # Until then it is this script still, which running takes for somebody else's process.
    for _ in $(seq 1 100); do
        running "$name" >/dev/null && break
        sleep 0.05
    done
}

answers() ( # answers PORT PATH: with a status below 400
    { exec 9<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || exit 1
    printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$2" >&9
    IFS= read -r -t 30 line <&9 || exit 1
    [[ $line == HTTP/1.?" "[123]* ]]
)

wait_for() { # wait_for NAME PORT PATH
    local deadline=$((SECONDS + 120))
    while [ $SECONDS -lt $deadline ] && running "$1" >/dev/null; do
        answers "$2" "$3" && return 0
        sleep 0.1
    done
    say "$1 does not answer at port $2; the end of its logs:"
    tail -n 15 "$LOG/$1"*.log >&2 || true
    return 1
}

stop_one() {
    local pid i
    if pid=$(running "$1"); then
        kill -TERM "$pid"
        for i in $(seq 1 100); do [ -d "/proc/$pid" ] || break; sleep 0.1; done
        # its own session, so its own process group: the workers go as well
        [ ! -d "/proc/$pid" ] || kill -KILL -- "-$pid" 2>/dev/null || true
        say "stopped $1 ($pid)"
    fi
    rm -f "$RUN/$1.pid"
}

# ----------------------------------------------------------------------- seed
seed() {
    ADMIN_PASSWORD=$ADMIN_PASSWORD SERVICE_PASSWORD=$SERVICE_PASSWORD USER_PASSWORD=$USER_PASSWORD \
        AUTH=$AUTH IMAGE=$IMAGE LAB_ROOT=$LAB_ROOT RELEASE=$release SERVER=$GLANCE_SERVER \
        KEYSTONE_VERSION=$(version keystone) GLANCE_VERSION=$(version glance-api) \
        "${inside[@]}" /usr/bin/python3 "$BIN/seed.py"
}

# ---------------------------------------------------------------------- verbs
start() {
    if running keystone >/dev/null && running glance >/dev/null && [ -e "$LAB_ROOT/ids.json" ] &&
        answers "$KEYSTONE_PORT" /v3 && answers "$GLANCE_PORT" /healthcheck; then
        say "already up"
        status
        return
    fi
    install_packages
    configure
    databases
    say "starting keystone $(version keystone) (port $KEYSTONE_PORT) and glance $(version glance-api) (port $GLANCE_PORT, $GLANCE_SERVER)"
    launch keystone uwsgi --ini "$K/uwsgi.ini"
    case $GLANCE_SERVER in
        eventlet) launch glance /usr/bin/python3 "$BIN/glance_eventlet.py" --config-file "$G/glance-api.conf" ;;
        uwsgi)    launch glance uwsgi --ini "$G/uwsgi.ini" ;;
        *)        say "GLANCE_SERVER is eventlet or uwsgi"; return 2 ;;
    esac
    wait_for keystone "$KEYSTONE_PORT" /v3
    seed
    wait_for glance "$GLANCE_PORT" /healthcheck
    say "ready after $SECONDS s"
    status
}

stop() { stop_one glance; stop_one keystone; }

status() {
    local name pid rc=0
    for name in keystone glance; do
        if pid=$(running "$name"); then echo "$name: up, pid $pid"; else echo "$name: down"; rc=1; fi
    done
    echo "clouds.yaml: $LAB_ROOT/clouds.yaml"
    return $rc
}

reset() {
    stop
    # only what this script has written
    rm -rf "$K" "$G" "$RUN" "$LOG" "$BIN" "$LAB_ROOT"/{databases.done,clouds.yaml,ids.json,producer-app-credential.json}
    say "state deleted"
}

case $verb in
    start|stop|reset) # one at a time
        mkdir -p "$LAB_ROOT"; exec 8>"$LAB_ROOT/.lock"; flock 8; "$verb" ;;
    status) status ;;
    root)   echo "$LAB_ROOT" ;;
    *)      sed -n '2,/^set -/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
