package io.fundamentallm.concepts;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Decoders;
import io.fundamentallm.Samplers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the page names and shows is there. What it measured is compared in {@link FiguresTest}. */
class PageTest {
  private static final List<String> ROOMS =
      List.of("", "decoding.", "model.", "text.", "training.");

  private static final Path SOURCES = Path.of("src", "main", "java");

  @Test
  void its_code_is_code_that_runs_here() throws Exception {
    List<String> blocks = Page.read().blocks("java");
    assertThat(blocks).hasSizeGreaterThan(5);
    List<List<String>> sources;
    try (Stream<Path> files = Files.walk(SOURCES)) {
      sources =
          files.filter(file -> file.toString().endsWith(".java")).map(PageTest::lines).toList();
    }
    assertThat(blocks)
        .allMatch(
            block -> sources.stream().anyMatch(source -> holds(source, block.lines().toList())));
  }

  /** Whether the lines stand there one after the other, however far they are indented. */
  private static boolean holds(List<String> source, List<String> block) {
    return IntStream.rangeClosed(0, source.size() - block.size())
        .mapToObj(from -> String.join("\n", source.subList(from, from + block.size())))
        .anyMatch(lines -> lines.stripIndent().equals(String.join("\n", block)));
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void the_types_that_it_names_exist() throws Exception {
    List<String> names = Page.read().found("`([A-Z][a-z]\\w+)(?:\\.\\w+)?`");
    assertThat(names).hasSizeGreaterThan(20).contains("Tokenizer", "TrainingPlan");
    assertThat(names).filteredOn(name -> !name.equals("Curve")).allSatisfy(PageTest::exists);
  }

  private static void exists(String name) {
    assertThat(ROOMS).as(name).anyMatch(room -> isIn(room, name));
  }

  private static boolean isIn(String room, String name) {
    try {
      return Class.forName("io.fundamentallm." + room + name) != null;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  @Test
  void the_samplers_and_decoders_of_its_tables_exist() throws Exception {
    List<String> names = Page.read().found("\n\\| `([a-z][^`]*)` \\|");
    assertThat(names).contains("greedy", "mirostat(tau=T)", "beam").hasSize(11);
    int decoders = names.indexOf("sampling");
    for (String sampler : names.subList(0, decoders)) {
      assertThat(Samplers.parse(sampler.replaceAll("=[A-Z]", "=1"))).isNotNull();
    }
    for (String decoder : names.subList(decoders, names.size())) {
      assertThat(Decoders.parse(decoder)).isNotNull();
    }
  }

  @Test
  void each_source_that_it_cites_is_in_its_list() throws Exception {
    String page = Page.read().unbroken();
    int list = page.indexOf("## Sources ");
    List<String> listed =
        Pattern.compile(" · ")
            .splitAsStream(page.substring(list + "## Sources ".length()))
            .toList();
    List<MatchResult> cited =
        Pattern.compile("(\\p{Lu}\\p{L}+)(?: and \\p{Lu}\\p{L}+| et al\\.)? ((?:19|20)\\d\\d)\\b")
            .matcher(page.substring(0, list))
            .results()
            .toList();
    assertThat(cited).hasSizeGreaterThan(30);
    for (MatchResult source : cited) {
      assertThat(listed)
          .as(source.group())
          .anyMatch(entry -> entry.startsWith(source.group(1)) && entry.contains(source.group(2)));
    }
  }
}
