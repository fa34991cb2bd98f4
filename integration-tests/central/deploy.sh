#!/usr/bin/env bash
# Builds a checkout, and deploys what is published into a directory.
#
# usage: deploy.sh SOURCE STAGING [OPTION OF MAVEN ...]
#
# SOURCE is a checkout made for this: its files get the same rights for everybody.
set -euo pipefail

mkdir -p "$2"
staging=$(cd "$2" && pwd)
cd "$1"

# Jars carry the rights of the files in them: the same ones, whoever builds.
umask 022
find . -name .git -prune -o -exec chmod u=rwX,go=rX {} +

# Whatever is deployed: the modules at the top, and those of the integration tests that say so.
published=
for pom in */pom.xml integration-tests/*/pom.xml; do
  case $pom in
    integration-tests/pom.xml | integration-tests/central/pom.xml) ;;
    integration-tests/*) if grep -q '<maven.deploy.skip>false<' "$pom"; then published+=,${pom%/pom.xml}; fi ;;
    *) published+=,${pom%/pom.xml} ;;
  esac
done
# Not into the local repository, where later builds would find them.
mvn --batch-mode --no-transfer-progress "${@:3}" deploy -Pcentral,all-but-quickstart \
  -Dmaven.test.skip -Dspotless.check.skip -Dcheckstyle.skip -Denforcer.skip -Dmaven.install.skip \
  -pl "${published#,}" -am -DaltDeploymentRepository="staging::file://$staging"
