#!/bin/sh
# For every pull request, including from forks. Needs kubectl (or kustomize) and the operator's command line, no cluster and no credentials.
set -eu
cd "$(dirname "$0")/.."
kubectl kustomize . >rendered.yaml
imageshare plan --validate-only -f rendered.yaml
for team in teams/*/; do
    grep -q "^  - ${team%/}\$" kustomization.yaml || {
        echo "$team is not listed under components in kustomization.yaml" >&2
        exit 1
    }
    grep -q "^/$team " CODEOWNERS || {
        echo "$team has no owner in CODEOWNERS" >&2
        exit 1
    }
done
