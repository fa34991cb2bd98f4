#!/usr/bin/env bash
# Builds and runs the README's first program from a staged repository alone: with Maven, with javac and java, and with
# Gradle where one is found. Then serves the model that it wrote, with the staged web service.
#
# usage: consume.sh STAGING VERSION DIR
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
staging=$(cd "$1" && pwd)
version=$2
work=$3/$("$JAVA_HOME/bin/java" -XshowSettings:properties -version 2>&1 | sed -nE 's/^ *java\.specification\.version = //p')
rm -rf "$work"
mkdir -p "$work/maven/src/main/java" "$work/plain/classes"
read -ra options <<<"${MAVEN_OPTIONS:-}"

# The block of the given language whose text holds the given word; the program at few steps.
block() {
  awk -v language="$1" -v word="$2" '
    $0 == "```" language { inside = 1; text = ""; next }
    $0 == "```" && inside { if (index(text, word)) { printf "%s", text; exit } inside = 0 }
    inside { text = text $0 "\n" }' "$root/README.md"
}
block java 'class Novel' | sed -E 's/\.build\(\);/.steps(20).build();/' >"$work/Novel.java"
for i in $(seq 40); do echo "It is a truth universally acknowledged."; done >"$work/novel.txt"

# run NAME CLASS-PATH: the program, in a folder of its own.
run() {
  mkdir -p "$work/run-$1"
  cp "$work/novel.txt" "$work/run-$1/"
  (cd "$work/run-$1" && "$JAVA_HOME/bin/java" -cp "$2" Novel 2>&1 | tail -3)
  test -s "$work/run-$1/model/model.safetensors"
  echo "== $1 on $(basename "$work"): built and run"
}

# Maven: the README's block between a pom's head and tail. Nothing of ours may come from elsewhere.
cp "$work/Novel.java" "$work/maven/src/main/java/"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>com.example</groupId><artifactId>novel</artifactId><version>1</version>'
  echo "<repositories><repository><id>staging</id><url>file://$staging</url></repository></repositories>"
  block xml fundamentallm-bom | sed "s/0\.1\.0-SNAPSHOT/$version/"
  echo '</project>'
} >"$work/maven/pom.xml"
local=$(mvn -q help:evaluate -Dexpression=settings.localRepository -DforceStdout 2>/dev/null || echo "$HOME/.m2/repository")
(cd "$work/maven" && mvn --batch-mode --no-transfer-progress -q "${options[@]}" -Dmaven.repo.local="$work/repository" \
  -Dmaven.repo.local.tail="$local" -Dmaven.repo.local.tail.ignoreAvailability=true compile \
  org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath -Dmdep.outputFile=classpath -Dmdep.includeScope=runtime)
classpath=$(cat "$work/maven/classpath")
foreign=$(tr ':' '\n' <<<"$classpath" | grep fundamentallm | grep -v "^$work/repository" || true)
if [[ -n $foreign ]]; then
  echo "not from the staged repository: $foreign" >&2
  exit 1
fi
run maven "$work/maven/target/classes:$classpath"

# Plain: the jars as they lie in the repository, and those of others that Maven found.
jars=
for name in api tokenizers samplers runtime-cpu; do
  jars+="$staging/io/fundamentallm/fundamentallm-$name/$version/fundamentallm-$name-$version.jar:"
done
others=$(tr ':' '\n' <<<"$classpath" | grep -v fundamentallm | paste -sd:)
"$JAVA_HOME/bin/javac" --release 17 -d "$work/plain/classes" -cp "$jars" "$work/Novel.java"
run plain "$work/plain/classes:$jars$others"

if command -v gradle >/dev/null; then
  mkdir -p "$work/gradle/src/main/java"
  cp "$work/Novel.java" "$work/gradle/src/main/java/"
  echo 'rootProject.name = "novel"' >"$work/gradle/settings.gradle.kts"
  cat >"$work/gradle/build.gradle.kts" <<KTS
plugins { application }
repositories {
    exclusiveContent {
        forRepository { maven(url = uri("file://$staging")) }
        filter { includeGroup("io.fundamentallm") }
    }
    mavenCentral()
}
dependencies {
    implementation(platform("io.fundamentallm:fundamentallm-bom:$version"))
    implementation("io.fundamentallm:fundamentallm-api")
    runtimeOnly("io.fundamentallm:fundamentallm-tokenizers")
    runtimeOnly("io.fundamentallm:fundamentallm-samplers")
    runtimeOnly("io.fundamentallm:fundamentallm-runtime-cpu")
    runtimeOnly("org.slf4j:slf4j-simple:2.0.20")
}
application { mainClass = "Novel" }
tasks.named<JavaExec>("run") { workingDir = file("$work") }
KTS
  (cd "$work/gradle" && gradle --no-daemon --quiet run)
  echo "== gradle on $(basename "$work"): built and run"
else
  echo "== gradle: none found, not run"
fi

# serve NAME JAR [ARGUMENT ...]: a staged jar that runs serves the model of the first program, and is asked over HTTP once.
service=
trap '[[ -z $service ]] || kill "$service" 2>/dev/null' EXIT
serve() {
  local log=$work/serve-$1.log answer=$work/answer-$1.json status=0
  (cd "$work" && exec env -u FUNDAMENTALLM_APIKEY "$JAVA_HOME/bin/java" -jar "${@:2}") >"$log" 2>&1 &
  service=$!
  local port round=0
  until grep -q 'Started WebService' "$log"; do
    if ! kill -0 "$service" 2>/dev/null || ((++round > 600)); then
      cat "$log" >&2
      echo "$1 did not start" >&2
      exit 1
    fi
    sleep 0.5
  done
  port=$(sed -nE 's/.*Netty started on port ([0-9]+).*/\1/p' "$log")
  curl --fail-with-body --silent --show-error "http://127.0.0.1:$port/v1/completions" \
    -H 'Content-Type: application/json' -d '{"prompt": "It is a truth", "max_tokens": 4}' >"$answer" || status=$?
  if ((status != 0)) || ! grep -q '"object":"text_completion".*"finish_reason":"' "$answer"; then
    cat "$log" "$answer" >&2
    exit 1
  fi
  kill "$service"
  wait "$service" || status=$?
  service=
  # As a signal to end ends it.
  ((status == 143)) || { echo "$1 ended with $status" >&2; exit 1; }
  echo "== $1 on $(basename "$work"): served, asked and stopped"
}
at=$staging/io/fundamentallm
serve web-service "$at/fundamentallm-web-service/$version/fundamentallm-web-service-$version.jar" \
  --fundamentallm.model=run-maven/model --server.port=0
# The program finds it in the repository that both lie in.
serve command-line "$at/fundamentallm-command-line/$version/fundamentallm-command-line-$version.jar" \
  serve run-maven/model --port 0
