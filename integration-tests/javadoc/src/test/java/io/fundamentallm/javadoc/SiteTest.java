package io.fundamentallm.javadoc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The site as javadoc just wrote it. */
class SiteTest {
  private static final Path SITE = Path.of(System.getProperty("site"));
  private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"#?]+)[^\"]*\"");

  @Test
  void it_documents_what_the_published_artifacts_export_and_provide_and_nothing_else()
      throws Exception {
    assertThat(Files.readAllLines(SITE.resolve("element-list")))
        .as(
            "packages of the site; those of a new artifact are added in this module's pom.xml (as a"
                + " dependency, to sourcepath, sourceFileIncludes and groups) and overview.html")
        .containsExactlyInAnyOrderElementsOf(PublishedSources.packages());
  }

  @Test
  void each_public_type_has_a_page() throws Exception {
    Set<String> types = PublishedSources.types();
    assertThat(types)
        .hasSizeGreaterThan(100)
        .contains("io.fundamentallm.TextGenerator", "io.fundamentallm.spi.Provider")
        .contains("io.fundamentallm.samplers.constraint.JsonSchemaConstraint")
        .contains("io.fundamentallm.runtime.cpu.CpuRuntimeProvider");
    assertThat(types)
        .allSatisfy(
            type -> assertThat(SITE.resolve(type.replace('.', '/') + ".html")).isRegularFile());
  }

  @Test
  void the_overview_says_where_to_begin_and_groups_the_packages() throws Exception {
    assertThat(Files.readString(SITE.resolve("index.html")))
        .contains("What to read first")
        .contains("For applications", "For authors of plugins", "Tokenizers and samplers")
        .contains("Runtimes", "Adapters")
        .doesNotContain("Other Packages");
    String overview = Files.readString(Path.of("src", "main", "javadoc", "overview.html"));
    assertThat(PublishedSources.packages())
        .allSatisfy(name -> assertThat(overview).contains("{@link " + name + "}"));
  }

  @Test
  void it_can_be_searched() throws Exception {
    assertThat(Files.readString(SITE.resolve("index.html"))).contains("id=\"search-input\"");
    assertThat(Files.readString(SITE.resolve("type-search-index.js")))
        .contains("\"TextGenerator\"", "\"GpuProvider\"", "\"FundamentaLlmChatModel\"");
    assertThat(Files.readString(SITE.resolve("member-search-index.js"))).contains("withSampler(");
    if (Runtime.version().feature() >= 20) {
      assertThat(SITE.resolve("search.html")).isRegularFile();
    }
  }

  @Test
  void its_links_lead_somewhere() throws Exception {
    List<String> broken = new ArrayList<>();
    List<String> elsewhere = new ArrayList<>();
    for (Path page : pages()) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        String target = link.group(1);
        if (target.startsWith("https://")) {
          elsewhere.add(target);
        } else if (!target.startsWith("javascript:")
            && !Files.exists(page.resolveSibling(target))) {
          broken.add(page + " -> " + target);
        }
      }
    }
    assertThat(broken).isEmpty();
    assertThat(elsewhere)
        .anyMatch(target -> target.endsWith("java.base/java/util/ServiceLoader.html"));
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.walk(SITE)) {
      return files.filter(file -> file.toString().endsWith(".html")).toList();
    }
  }
}
