package com.example.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every page of the repository, whatever it is about. */
class PagesTest {
  /**
   * Pages whose Java needs more than this module has, and the test that compiles and runs it. All
   * others are {@link ExamplesTest}'s.
   */
  static final Map<String, String> TESTED_ELSEWHERE =
      Map.of(
          "integration-tests/json-schemas/README.md",
          "integration-tests/json-schemas/src/test/java/io/fundamentallm/jsonschemas/AnswersTest.java",
          "integration-tests/hub/README.md",
          "integration-tests/hub/src/test/java/com/example/hub/ReadmeTest.java",
          "integration-tests/langchain4j/README.md",
          "integration-tests/langchain4j/src/test/java/io/fundamentallm/langchain4j/ReadmeTest.java",
          "integration-tests/spring-ai/README.md",
          "integration-tests/spring-ai/src/test/java/io/fundamentallm/springai/ProcessTest.java",
          "integration-tests/spark/README.md",
          "integration-tests/spark/src/test/java/io/fundamentallm/spark/ReadmeTest.java",
          "integration-tests/web-service/README.md",
          "integration-tests/web-service/src/test/java/io/fundamentallm/webservice/ReadmeTest.java",
          "integration-tests/custom-plugins/README.md",
          "integration-tests/custom-plugins/src/test/java/com/example/plugins/ReadmeTest.java",
          "integration-tests/class-loaders/README.md",
          "integration-tests/class-loaders/src/test/java/com/example/tenant/ReadmeTest.java",
          "integration-tests/concepts/concepts.md",
          "integration-tests/concepts/src/test/java/io/fundamentallm/concepts/Page.java");

  private static final Pattern PATH_OF_A_MACHINE =
      Pattern.compile("(?<![\\w.])/(?:root|work|home|tmp|Users|mnt|var)/|\\b[A-Z]:\\\\");

  static List<Page> pages() throws IOException {
    return Page.all();
  }

  @Test
  void the_pages_are_found() throws IOException {
    assertThat(pages())
        .extracting(Page::name)
        .contains("README.md", "api/README.md", "runtime-cpu/flags.md")
        .doesNotHaveDuplicates();
  }

  @Test
  void tests_elsewhere_exist_and_read_the_page() throws IOException {
    for (Map.Entry<String, String> entry : TESTED_ELSEWHERE.entrySet()) {
      assertThat(Page.ROOT.resolve(entry.getKey())).isRegularFile();
      String name = entry.getKey().substring(entry.getKey().lastIndexOf('/') + 1);
      assertThat(Page.ROOT.resolve(entry.getValue())).isRegularFile().content().contains(name);
    }
  }

  /** Who copies the first program copies what it needs, and sees that it works. */
  @Test
  void the_first_program_has_its_dependencies_above_it_and_shows_how_far_it_is()
      throws IOException {
    Page page =
        Page.all().stream().filter(one -> one.name().equals("README.md")).findFirst().orElseThrow();
    List<Page.Block> blocks = page.blocks();
    assertThat(blocks.get(0).language()).isEqualTo("xml");
    assertThat(blocks.get(0).text())
        .contains("fundamentallm-bom", "<scope>import</scope>")
        .contains("-api<", "-tokenizers<", "-samplers<", "-runtime-cpu<");
    assertThat(blocks.get(1).language()).isEqualTo("java");
    assertThat(blocks.get(1).text())
        .contains("void main(", "TrainingListener.printing(System.out)");
    String after = page.text().substring(page.text().indexOf(blocks.get(1).text()));
    assertThat(after.substring(0, after.indexOf("\n## ")))
        .contains("--add-modules jdk.incubator.vector");
  }

  /** Else a block could hide from the tests. */
  @ParameterizedTest
  @MethodSource("pages")
  void every_fence_is_one_that_is_understood(Page page) {
    long fences = page.text().lines().filter(line -> line.strip().matches("(```|~~~).*")).count();
    assertThat(fences)
        .as("%s: lines of ```, each at the left edge, with one word at most", page)
        .isEqualTo(2L * page.blocks().size());
    assertThat(page.blocks())
        .as(page.name())
        .extracting(Page.Block::language)
        .allMatch(language -> language.equals(language.toLowerCase(Locale.ROOT)));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void links_lead_to_files_and_headings_that_exist(Page page) throws IOException {
    for (String link : page.links()) {
      if (!link.matches("https?://.*")) {
        String[] parts = link.split("#", 2);
        Path target =
            parts[0].isEmpty() ? page.file() : page.file().resolveSibling(parts[0]).normalize();
        assertThat(target).as("%s links to %s", page, link).exists();
        assertThat(target.startsWith(Page.ROOT)).as("%s: %s leaves", page, link).isTrue();
        if (parts.length == 2) {
          assertThat(new Page(link, Files.readString(target)).anchors())
              .as("%s links to %s", page, link)
              .contains(parts[1]);
        }
      }
    }
  }

  /**
   * What a type says is in its Javadoc, which comes with the artifacts as sources may not. Pages
   * name it in code, with its package; links to sources are for examples, tests and what a module
   * keeps to itself.
   */
  @Test
  void no_link_leads_to_the_source_of_a_type_that_the_javadoc_explains() throws IOException {
    Set<String> explained = JavadocSite.types();
    assertThat(explained)
        .contains("io.fundamentallm.TextGenerator", "io.fundamentallm.samplers.TopP");
    for (Page page : pages()) {
      assertThat(page.links())
          .as("%s: name the type instead, as in `io.fundamentallm.TextGenerator`", page)
          .noneMatch(link -> explained.contains(sourceType(link)));
    }
  }

  private static String sourceType(String link) {
    return JavadocSite.type(Path.of(link.replaceFirst(".*src/main/java/", "")));
  }

  @Test
  void types_that_a_page_names_with_their_package_are_explained_by_the_javadoc()
      throws IOException {
    Set<String> explained = JavadocSite.types();
    int named = 0;
    for (Page page : pages()) {
      List<String> types = page.types();
      named += types.size();
      assertThat(explained)
          .as("%s: a short name's package is the last one before it", page)
          .containsAll(types);
    }
    assertThat(named).isGreaterThan(10);
  }

  @Test
  void a_short_name_lies_in_the_package_named_last() {
    assertThat(
            new Page("a", "`.First`, `io.fundamentallm.text.Tokenizer`, `.Vocabulary`; `.txt`")
                .types())
        .containsExactly(
            ".First", "io.fundamentallm.text.Tokenizer", "io.fundamentallm.text.Vocabulary");
  }

  @ParameterizedTest
  @MethodSource("pages")
  void no_page_names_a_path_of_somebodys_machine(Page page) {
    assertThat(page.text().lines()).as(page.name()).noneMatch(PATH_OF_A_MACHINE.asPredicate());
  }
}
