#!/bin/sh
# For pull requests of this repository's own branches: shows who would gain and lose access, using read-only
# credentials for Glance. Writes plan.md. Fails only on errors, since a pull request is expected to have changes. The cluster's
# state comes from KUBECONFIG, or from the file CLUSTER_STATE (kubectl get ims,ima -A -o yaml). Without it, changes that depend
# on it are marked.
set -u
cd "$(dirname "$0")/.." || exit 1
kubectl kustomize . >rendered.yaml || exit 1
if [ -n "${CLUSTER_STATE:-}" ]; then
    set -- --cluster-state "$CLUSTER_STATE"
elif [ -n "${KUBECONFIG:-}" ]; then
    set -- --from-cluster
fi
status=0
imageshare plan -f rendered.yaml "$@" >plan.txt 2>&1 || status=$?
{
    echo '### image-share plan'
    echo '```'
    head -c 60000 plan.txt
    echo '```'
} >plan.md
cat plan.txt
# 2: there are changes. Anything else, including a missing Java or command, is an error.
[ "$status" -eq 0 ] || [ "$status" -eq 2 ]
