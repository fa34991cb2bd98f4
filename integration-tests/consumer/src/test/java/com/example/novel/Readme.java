package com.example.novel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the README tells those who want to use the library. */
final class Readme {
  static final Path ROOT = Path.of("..", "..");

  /**
   * A row of the table of artifacts.
   *
   * @param pullsIn artifact ids
   */
  record Artifact(String id, List<String> pullsIn) {}

  private Readme() {}

  /** The ten lines, which train a model, at two steps. */
  static String program() throws IOException {
    List<String> programs =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(text())
            .results()
            .map((MatchResult match) -> match.group(1))
            .filter(block -> block.contains("class Novel"))
            .toList();
    assertThat(programs).hasSize(1);
    return programs.get(0).replace(".build();", ".steps(2).build();");
  }

  static List<Artifact> artifacts() throws IOException {
    List<Artifact> artifacts =
        text()
            .lines()
            .dropWhile(line -> !line.startsWith("| artifact | module |"))
            .skip(2)
            .takeWhile(line -> line.startsWith("|"))
            .map(Readme::artifact)
            .toList();
    assertThat(artifacts).hasSizeGreaterThanOrEqualTo(7);
    return artifacts;
  }

  private static Artifact artifact(String row) {
    List<String> cells = Arrays.stream(row.split("\\|", -1)).map(String::strip).toList();
    // what follows is said for people: what the application has to add, or why there is nothing
    String pullsIn = cells.get(4).replaceAll("[;:].*", "");
    return new Artifact(
        cells.get(1).replaceAll("\\[?`([^`]+)`.*", "$1"), // a link where there is a page
        Stream.of(pullsIn.split(", *", -1))
            .filter(name -> !name.equals("nothing"))
            .map(name -> name.equals("SLF4J") ? "slf4j-api" : name)
            .toList());
  }

  private static String text() throws IOException {
    return Files.readString(ROOT.resolve("README.md"));
  }
}
