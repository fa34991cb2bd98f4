#!/usr/bin/env bash
# Stages a release into a directory as Maven Central would get it, signed with a key that lives for this run, checks it
# by Central's rules, and builds three consumers from that directory alone; a web service from there serves their model.
#
# usage: integration-tests/central/stage.sh DIR VERSION
#
# Takes what is committed. DIR gets "staging" (the repository), "consumers" and "source" (the checkout with that version).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
version=$2
read -ra options <<<"${MAVEN_OPTIONS:-}"

rm -rf "$out/staging" "$out/source" "$out/consumers" "$out/keys"
mkdir -p "$out/source" "$out/staging"
git -C "$root" archive HEAD | tar -x -C "$out/source"
cd "$out/source"
# The pages too: what they show to copy has the version of the jars.
git -C "$root" ls-tree -r --name-only HEAD | grep -E '(pom\.xml|\.md)$' | xargs sed -i "s/0\.1\.0-SNAPSHOT/$version/g"

# A key for this run alone. The agent that gpg starts for it ends with it.
export GNUPGHOME="$out/keys"
mkdir -m 700 "$GNUPGHOME"
trap 'gpgconf --kill gpg-agent; rm -rf "$GNUPGHOME"' EXIT
gpg --batch --quiet --pinentry-mode loopback --passphrase '' \
  --quick-generate-key 'Throw-away key <nobody@example.invalid>' rsa3072 sign 1d
MAVEN_GPG_KEY=$(gpg --batch --armor --export-secret-keys)
export MAVEN_GPG_KEY

"$root/integration-tests/central/deploy.sh" "$out/source" "$out/staging" "${options[@]}"
unset MAVEN_GPG_KEY

mvn --batch-mode --no-transfer-progress -q "${options[@]}" -f integration-tests/central/pom.xml \
  dependency:build-classpath -Dmdep.outputFile="$out/validator"
java -Dslf4j.internal.verbosity=ERROR -cp "$(cat "$out/validator")" integration-tests/central/CentralRules.java "$out/staging" "$version"
for home in ${JAVA_HOMES:-"$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")"}; do
  JAVA_HOME=$home "$root/integration-tests/central/consume.sh" "$out/staging" "$version" "$out/consumers"
done
