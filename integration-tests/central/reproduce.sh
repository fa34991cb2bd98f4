#!/usr/bin/env bash
# Builds a release twice in surroundings that differ, and compares what is published byte by byte: jars, sources,
# Javadoc, poms, bills of materials. Signatures are left out, since each has the time of its making.
#
# usage: integration-tests/central/reproduce.sh DIR VERSION
#
# Takes what is committed. JAVA_HOMES="… …" names the JDKs; each has two builds of its own. The second of them lies in
# another and longer path, whose files were made in the reverse order; it has another time zone,
# a locale with letters of its own (where "TITLE" is not "title" in capitals), and one thread.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
version=$2
commit=$(git -C "$root" rev-parse HEAD) # whatever is committed while this runs
read -ra options <<<"${MAVEN_OPTIONS:-}"

# checkout FOLDER: what is committed, with the version.
checkout() {
  mkdir -p "$1"
  git -C "$root" archive "$commit" | tar -x -C "$1"
  (cd "$1" && find . -name pom.xml -exec sed -i "s/0\.1\.0-SNAPSHOT/$version/" {} +)
}

# sums STAGING: a line for each file, but for the repository's own index, which has the time of the deployment.
sums() {
  (cd "$1" && find . -type f ! -name 'maven-metadata.xml*' | LC_ALL=C sort | xargs sha256sum)
}

status=0
for home in ${JAVA_HOMES:-"$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")"}; do
  export JAVA_HOME=$home
  jdk=$("$JAVA_HOME/bin/java" -XshowSettings:properties -version 2>&1 | sed -nE 's/^ *java\.specification\.version = //p')
  work=$out/$jdk
  rm -rf "$work"
  mkdir -p "$work/first" "$work/second"

  checkout "$work/a"
  (umask 022 && TZ=UTC "$root/integration-tests/central/deploy.sh" "$work/a" "$work/first" \
    "${options[@]}" -q -Dgpg.skip)
  sums "$work/first" >"$work/first.txt"
  rm -rf "$work/a"

  (
    checkout "$work/made first"
    mkdir -p "$work/another/and/longer/path"
    cd "$work/made first"
    find . -type f | LC_ALL=C sort -r | while read -r file; do
      cp --parents "$file" "$work/another/and/longer/path"
    done
    rm -rf "$work/made first"
    cd "$work"
    # The JVMs that Maven starts too, such as javadoc's.
    export JAVA_TOOL_OPTIONS="${JAVA_TOOL_OPTIONS:-} -Duser.language=tr -Duser.country=TR"
    TZ=Pacific/Kiritimati \
      "$root/integration-tests/central/deploy.sh" "$work/another/and/longer/path" "$work/second" \
      "${options[@]}" -q -T1 -Dgpg.skip
  )
  sums "$work/second" >"$work/second.txt"
  rm -rf "$work/another"

  # Each artifact has its jar, its sources and its Javadoc, or nothing was compared.
  for kind in .jar -sources.jar -javadoc.jar .pom -cyclonedx.json; do
    grep -q -- "-api-$version$kind\$" "$work/first.txt" || { echo "JDK $jdk: no $kind of api was built" >&2; exit 1; }
  done
  if diff "$work/first.txt" "$work/second.txt"; then
    echo "== JDK $jdk: $(wc -l <"$work/first.txt") files, the same bytes"
  else
    echo "== JDK $jdk: the files above differ" >&2
    status=1
  fi
done
exit "$status"
