package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.fixtures.Run;
import io.fundamentallm.fixtures.TinyChat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * What the image is made of, without a builder: its file is read, and its runtime is linked here
 * and serves. Where a builder is, it builds.
 */
class ContainerTest {
  private static final Path FILE = Path.of("container", "Dockerfile");

  private record Instruction(String name, String arguments) {}

  @TempDir Path folder;

  private static List<Instruction> instructions() throws IOException {
    String text = Files.readString(FILE).replaceAll("(?m)^#.*\n", "").replaceAll("\\\\\n", " ");
    return text.lines()
        .filter(line -> !line.isBlank())
        .map(line -> line.split("\\s+", 2))
        .map(words -> new Instruction(words[0], words[1].strip()))
        .toList();
  }

  /** Of the image itself: what the stage before it does is not in it. */
  private static List<Instruction> lastStage() throws IOException {
    List<Instruction> stage = new ArrayList<>();
    for (Instruction one : instructions()) {
      if (one.name().equals("FROM")) {
        stage.clear();
      }
      stage.add(one);
    }
    return stage;
  }

  private static String last(String name) throws IOException {
    return lastStage().stream()
        .filter(one -> one.name().equals(name))
        .reduce((first, second) -> second)
        .orElseThrow(() -> new AssertionError("no " + name))
        .arguments();
  }

  /** The rules of linters for Dockerfiles that concern this one. */
  @Test
  void the_file_keeps_to_the_rules() throws Exception {
    assertThat(instructions())
        .extracting(Instruction::name)
        .allMatch(
            name ->
                name.matches(
                    "FROM|ARG|WORKDIR|RUN|COPY|LABEL|USER|ENV|VOLUME|EXPOSE|HEALTHCHECK|ENTRYPOINT"));
    for (Instruction one : instructions()) {
      switch (one.name()) {
        case "FROM" ->
            assertThat(one.arguments()).matches("[a-z-]+:[\\w.-]*\\d[\\w.-]*( AS \\w+)?");
        case "RUN" -> assertThat(one.arguments()).doesNotContain("sudo", "apt-get", "curl", "wget");
        case "WORKDIR" -> assertThat(one.arguments()).startsWith("/");
        default -> {}
      }
    }
    assertThat(lastStage()).extracting(Instruction::name).doesNotContain("RUN", "ARG");
    assertThat(last("USER")).as("neither root nor a name").matches("[1-9]\\d{3,}:[1-9]\\d{3,}");
    assertThat(last("ENTRYPOINT"))
        .as("without a shell, which would get the signals")
        .startsWith("[");
    assertThat(last("VOLUME")).isEqualTo("/model");
    assertThat(last("ENV")).contains("FUNDAMENTALLM_MODEL=/model", "jdk.incubator.vector");
  }

  /** In the folder, as the image has it; answers the modules' runtime and the service's folder. */
  private Path link() throws Exception {
    Path home = Path.of(System.getProperty("java.home"));
    Matcher modules = Pattern.compile("ARG MODULES=(\\S+)").matcher(Files.readString(FILE));
    assertThat(modules.find()).isTrue();
    Path runtime = folder.resolve("runtime");
    Run.of(
            folder,
            List.of(
                home.resolve("bin/jlink").toString(),
                "--add-modules",
                modules.group(1),
                "--strip-debug",
                "--no-header-files",
                "--no-man-pages",
                "--output",
                runtime.toString()))
        .succeeded();
    Run.of(
            folder,
            List.of(
                runtime.resolve("bin/java").toString(),
                "-Djarmode=tools",
                "-jar",
                Server.jar().toString(),
                "extract",
                "--layers",
                "--destination",
                "layers"))
        .succeeded();
    Path service = Files.createDirectories(folder.resolve("service"));
    for (String layer : List.of("dependencies", "snapshot-dependencies", "application")) {
      copy(folder.resolve("layers").resolve(layer), service);
    }
    return runtime;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
  }

  @Test
  void the_linked_runtime_serves_is_healthy_and_writes_nowhere() throws Exception {
    Path runtime = link();
    Path service = folder.resolve("service");
    Path jar;
    try (Stream<Path> files = Files.list(service)) {
      jar = files.filter(file -> file.toString().endsWith(".jar")).findFirst().orElseThrow();
    }
    List<Path> before = all(service);
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    Path model = TinyChat.longContext();
    Path log = folder.resolve("log.txt");
    ProcessBuilder builder =
        new ProcessBuilder(
                runtime.resolve("bin/java").toString(),
                "-Djava.io.tmpdir=" + temporary,
                "-jar",
                jar.getFileName().toString())
            .directory(service.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    Matcher options =
        Pattern.compile("JDK_JAVA_OPTIONS=\"([^\"]+)\"").matcher(Files.readString(FILE));
    assertThat(options.find()).isTrue();
    builder
        .environment()
        .putAll(
            Map.of(
                "JDK_JAVA_OPTIONS",
                options.group(1) + " -Xmx512m",
                "FUNDAMENTALLM_APIKEY",
                Server.KEY,
                "FUNDAMENTALLM_MODEL",
                model.toString(),
                "SERVER_ADDRESS",
                "0.0.0.0",
                "SERVER_PORT",
                "0"));
    long begun = System.nanoTime();
    Process process = builder.start();
    try {
      Pattern started = Pattern.compile("Netty started on port ([0-9]+)(?s:.*)Started WebService");
      Matcher port = started.matcher(Files.readString(log));
      while (!port.find()) {
        assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
        Thread.sleep(50);
        port = started.matcher(Files.readString(log));
      }
      System.out.printf(
          "started after %.1f s; runtime %d MiB, service %d MiB; resident %s%n",
          (System.nanoTime() - begun) / 1e9,
          size(runtime) >> 20,
          size(service) >> 20,
          resident(process));
      assertThat(Files.readString(log)).contains("CPU kernels: vector");
      assertThat(check(port.group(1)).exit()).isZero();
      assertThat(all(service)).isEqualTo(before);
      assertThat(all(temporary)).isEmpty();
      process.destroy();
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(check(port.group(1)).exit()).as("when it has ended").isNotZero();
    } finally {
      process.destroyForcibly();
    }
  }

  /** The image's own health check. */
  private Run check(String port) throws Exception {
    String line = last("HEALTHCHECK");
    List<?> command = (List<?>) yaml().load(line.substring(line.indexOf('[')));
    return Run.of(
        folder, command.stream().map(Object::toString).toList(), "", Map.of("SERVER_PORT", port));
  }

  private static List<Path> all(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static long size(Path folder) throws IOException {
    long sum = 0;
    for (Path file : all(folder)) {
      sum += Files.size(file);
    }
    return sum;
  }

  private static String resident(Process process) throws IOException {
    Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
    return Files.exists(status)
        ? Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("VmRSS"))
            .findFirst()
            .orElse("unknown")
        : "unknown";
  }

  private static Yaml yaml() {
    return new Yaml(new SafeConstructor(new LoaderOptions()));
  }

  @SuppressWarnings("unchecked") // what a mapping of YAML is
  private static Map<String, Object> map(Object mapping) {
    return (Map<String, Object>) mapping;
  }

  @Test
  void the_deployment_has_probes_limits_and_no_rights() throws Exception {
    List<Map<String, Object>> documents = new ArrayList<>();
    try (var in = Files.newBufferedReader(Path.of("container", "kubernetes.yaml"))) {
      yaml().loadAll(in).forEach(document -> documents.add(map(document)));
    }
    assertThat(documents)
        .extracting(document -> document.get("kind"))
        .containsExactly("Deployment", "Service", "PodDisruptionBudget");
    Map<String, Object> pod =
        map(map(map(documents.get(0).get("spec")).get("template")).get("spec"));
    Map<String, Object> container = map(((List<?>) pod.get("containers")).get(0));
    for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
      assertThat(map(map(container.get(probe)).get("httpGet")).get("path").toString())
          .as(probe)
          .startsWith("/actuator/health/");
    }
    assertThat(map(pod.get("securityContext")))
        .containsEntry("runAsNonRoot", true)
        .containsEntry("runAsUser", Integer.parseInt(last("USER").replaceAll(":.*", "")));
    assertThat(map(container.get("securityContext")))
        .containsEntry("readOnlyRootFilesystem", true)
        .containsEntry("allowPrivilegeEscalation", false);
    assertThat(map(map(container.get("resources")).get("limits"))).containsKey("memory");
    assertThat(container.get("volumeMounts").toString())
        .contains("mountPath=/model, readOnly=true", "mountPath=/tmp");
    assertThat(container.get("env").toString()).contains("secretKeyRef").doesNotContain("sk-");
    assertThat((Integer) pod.get("terminationGracePeriodSeconds")).isGreaterThan(35);
  }

  @Test
  void a_builder_builds_it() throws Exception {
    String builder = null;
    for (String name : List.of("docker", "podman", "buildah")) {
      if (isReady(name)) {
        builder = name;
        break;
      }
    }
    assumeTrue(builder != null, "no builder of images on the path that has its engine");
    Run.of(
            Path.of("").toAbsolutePath(),
            List.of(builder, "build", "-t", "fundamentallm-test", "-f", FILE.toString(), "target"))
        .succeeded();
  }

  /** Whether it is there and can build: a client alone, whose engine does not run, cannot. */
  private static boolean isReady(String builder) throws Exception {
    boolean found =
        Stream.of(System.getenv("PATH").split(":", -1))
            .anyMatch(place -> Files.isExecutable(Path.of(place, builder)));
    return found && Run.of(Path.of("").toAbsolutePath(), List.of(builder, "info")).exit() == 0;
  }
}
