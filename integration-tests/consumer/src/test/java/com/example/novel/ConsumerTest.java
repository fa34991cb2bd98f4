package com.example.novel;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.novel.Readme.Artifact;
import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A build of its own that uses the published artifacts as the README says. */
class ConsumerTest {
  /** In a block of Maven's, or in coordinates. */
  private static final Pattern NAMED =
      Pattern.compile("(?:<artifactId>|io\\.fundamentallm:)(fundamentallm-[a-z0-9-]*[a-z0-9])");

  @TempDir static Path folder;
  private static Path novel;

  @BeforeAll
  static void build() throws Exception {
    Build build = new Build(folder);
    novel =
        build.module(
            "novel",
            "jar",
            List.of(
                "fundamentallm-api",
                "fundamentallm-tokenizers",
                "fundamentallm-samplers",
                "fundamentallm-runtime-cpu"));
    Path source = Files.createDirectories(novel.resolve("src/main/java"));
    Files.writeString(source.resolve("Novel.java"), Readme.program());
    for (Artifact artifact : Readme.artifacts()) {
      build.module(artifact.id(), "pom", List.of(artifact.id()));
    }
    build.run();
  }

  static List<Artifact> artifacts() throws IOException {
    return Readme.artifacts();
  }

  @ParameterizedTest
  @MethodSource("artifacts")
  void an_artifact_pulls_in_what_the_table_says_besides_the_api(Artifact artifact)
      throws IOException {
    List<String> tree =
        Files.readAllLines(folder.resolve(artifact.id()).resolve("target/tree.txt"));
    assertThat(tree.get(1)).startsWith("   io.fundamentallm:" + artifact.id() + ":jar:");
    // three spaces for each level; what other libraries need themselves is further in
    assertThat(tree)
        .filteredOn(line -> line.startsWith(" ".repeat(6)) && line.charAt(6) != ' ')
        .extracting(line -> line.strip().split(":", -1)[1])
        .filteredOn(id -> !id.equals("fundamentallm-api"))
        .as(String.join("\n", tree))
        .containsExactlyInAnyOrderElementsOf(artifact.pullsIn());
  }

  @Test
  void the_table_has_all_that_the_bom_has() throws IOException {
    assertThat(Readme.artifacts()).extracting(Artifact::id).hasSameElementsAs(managedByTheBom());
  }

  /** The modules at the top, and those of the integration tests that say so. */
  @Test
  void the_bom_has_all_that_is_deployed() throws IOException {
    Set<String> deployed = new TreeSet<>();
    for (Path pom : poms(Readme.ROOT)) {
      deployed.add(artifactId(pom));
    }
    for (Path pom : poms(Readme.ROOT.resolve("integration-tests"))) {
      if (Files.readString(pom).contains("<maven.deploy.skip>false<")) {
        deployed.add(artifactId(pom));
      }
    }
    deployed.removeAll(Set.of("fundamentallm-bom", "fundamentallm-integration-tests"));
    assertThat(managedByTheBom()).isEqualTo(deployed);
  }

  @Test
  void every_artifact_that_a_page_names_is_one_of_the_bom() throws IOException {
    Set<String> named = new TreeSet<>();
    try (Stream<Path> files = Files.walk(Readme.ROOT)) {
      for (Path page : files.filter(file -> file.toString().endsWith(".md")).toList()) {
        if (!page.toString().contains("target")) {
          NAMED
              .matcher(Files.readString(page))
              .results()
              .forEach((MatchResult name) -> named.add(name.group(1)));
        }
      }
    }
    assertThat(named).hasSizeGreaterThan(9).contains("fundamentallm-bom");
    named.remove("fundamentallm-bom");
    assertThat(managedByTheBom()).containsAll(named);
  }

  private static List<Path> poms(Path folder) throws IOException {
    try (Stream<Path> modules = Files.list(folder)) {
      return modules.map(module -> module.resolve("pom.xml")).filter(Files::isRegularFile).toList();
    }
  }

  /** A module's own, not its parent's. */
  private static String artifactId(Path pom) throws IOException {
    Matcher id =
        Pattern.compile("</parent>\\s*<artifactId>(.+?)</artifactId>")
            .matcher(Files.readString(pom));
    assertThat(id.find()).as(pom.toString()).isTrue();
    return id.group(1);
  }

  private static Set<String> managedByTheBom() throws IOException {
    String version = System.getProperty("consumer.version");
    Path bom =
        Path.of(System.getProperty("consumer.repository"))
            .resolve("io/fundamentallm/fundamentallm-bom")
            .resolve(version)
            .resolve("fundamentallm-bom-" + version + ".pom");
    String pom = Files.readString(bom);
    String managed = pom.substring(pom.indexOf("<dependencyManagement>"));
    return Pattern.compile("<artifactId>(.+?)</artifactId>")
        .matcher(managed)
        .results()
        .map((MatchResult id) -> id.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void the_ten_lines_compile_for_java_17_and_train_and_write() throws Exception {
    Path classes = novel.resolve("target/classes");
    try (var in = new DataInputStream(Files.newInputStream(classes.resolve("Novel.class")))) {
      in.readInt();
      assertThat(in.readInt()).as("class file version").isEqualTo(61);
    }
    Files.writeString(folder.resolve("novel.txt"), "It is a truth universally known. ".repeat(200));

    String classPath = Files.readString(novel.resolve("target/class-path.txt"));
    assertThat(classPath.split(File.pathSeparator, -1))
        .filteredOn(jar -> jar.contains("fundamentallm"))
        .hasSize(4)
        .allMatch(jar -> jar.startsWith(System.getProperty("consumer.repository")));
    Path out = folder.resolve("out.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classes + File.pathSeparator + classPath,
                "Novel")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    assertThat(process.waitFor(20, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(out)).isZero();
    assertThat(folder.resolve("model"))
        .isDirectoryContaining("glob:**config.json")
        .isDirectoryContaining("glob:**model.safetensors")
        .isDirectoryContaining("glob:**tokenizer.json");
  }
}
