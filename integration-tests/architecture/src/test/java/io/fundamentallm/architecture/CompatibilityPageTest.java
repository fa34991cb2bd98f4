package io.fundamentallm.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page on compatibility says of each package that is exported what is promised of it. */
class CompatibilityPageTest {
  private static final Path ROOT = Path.of("..", "..");
  private static final Pattern AUTOMATIC =
      Pattern.compile("<Automatic-Module-Name>(io\\.fundamentallm[^<]*)<");

  @Test
  void each_exported_package_stands_in_its_table() throws IOException {
    List<String> names = new ArrayList<>();
    for (PublishedModule module : PublishedModule.all()) {
      names.addAll(module.exportedPackages());
    }
    for (Path pom : poms()) { // jars without a descriptor have their module's name as package
      AUTOMATIC
          .matcher(Files.readString(pom))
          .results()
          .map((MatchResult m) -> m.group(1))
          .forEach(names::add);
    }
    assertThat(names).contains("io.fundamentallm.spi", "io.fundamentallm.springai");

    String page = Files.readString(ROOT.resolve("api").resolve("compatibility.md"));
    String table =
        page.substring(page.indexOf("| API |"), page.indexOf("\n\n", page.indexOf("| API |")));
    assertThat(names)
        .allSatisfy(
            name ->
                assertThat(table)
                    .containsAnyOf(
                        "`" + name + "`",
                        "`" + name.replaceFirst("^io\\.fundamentallm(\\.[a-z]+)$", "$1") + "`"));
  }

  private static List<Path> poms() throws IOException {
    try (Stream<Path> modules = Files.list(ROOT.resolve("integration-tests"))) {
      return modules.map(module -> module.resolve("pom.xml")).filter(Files::exists).toList();
    }
  }
}
