#!/usr/bin/env bash
# Prints all objects of an installation as one file: deploy/base with the image's name set.
#
#   install.sh REGISTRY VERSION     where the image is, such as registry.example.com/team; needs kubectl 1.25 or newer
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

registry=$1 version=$2
mkdir -p target
work=$(mktemp -d target/install.XXXXXX)
trap 'rm -rf "$work"' EXIT
cat >"$work/kustomization.yaml" <<END
resources: [../../deploy/base]
images:
  - {name: imageshare-operator, newName: $registry/imageshare-operator, newTag: "$version"}
END
kubectl kustomize "$work"
