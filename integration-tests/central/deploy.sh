#!/usr/bin/env bash
# Builds a checkout, and deploys what is published into a directory.
#
# usage: deploy.sh SOURCE STAGING [OPTION OF MAVEN ...]
set -euo pipefail

cd "$1"
staging=$2

# Jars carry the rights of the files in them: the same ones, whoever builds.
umask 022
chmod -R u=rwX,go=rX .

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
