#!/bin/sh
# For pull requests of this repository's own branches: who would get and lose access, asked of Glance with credentials that
# may only read. Leaves plan.md; fails on errors only, since a plan with changes is what a pull request is for. The cluster's
# state comes from KUBECONFIG, or from the file CLUSTER_STATE (kubectl get ims,ima -A -o yaml); without, what depends on it is
# marked so.
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
# 2: there are changes. Anything else, also no Java or no command, is an error.
[ "$status" -eq 0 ] || [ "$status" -eq 2 ]
