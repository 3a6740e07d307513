#!/usr/bin/env bash
# Writes a CycloneDX bill of materials of Debian packages, given as lines of "NAME VERSION ARCHITECTURE".
#
#   debian-bom.sh NAME VERSION <PACKAGES       of what they are the packages
set -euo pipefail

name=$1 version=$2
printf '{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,\n'
printf ' "metadata":{"component":{"type":"container","name":"%s","version":"%s"}},\n "components":[' "$name" "$version"
separator=
while read -r package its architecture; do
    # In a package URL these have a meaning of their own.
    escaped=$(printf %s "$its" | sed 's/%/%25/g; s/:/%3A/g; s/+/%2B/g; s/~/%7E/g')
    printf '%s\n  {"type":"library","name":"%s","version":"%s","purl":"pkg:deb/debian/%s@%s?arch=%s"}' \
        "$separator" "$package" "$its" "$(printf %s "$package" | sed 's/+/%2B/g')" "$escaped" "$architecture"
    separator=,
done
printf '\n]}\n'
