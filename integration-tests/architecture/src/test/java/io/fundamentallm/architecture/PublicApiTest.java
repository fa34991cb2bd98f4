package io.fundamentallm.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * All that applications and plugins compile against stands in a file, so that no change of it goes
 * unseen: every commit that changes the API shows in that file how. Between releases japicmp
 * compares besides; see the pom of api.
 */
class PublicApiTest {
  private static final Path FILE = Path.of("src", "test", "resources", "public-api.txt");

  /** Set to write the file anew. */
  private static final String UPDATE = "api.update";

  @Test
  void the_api_is_the_one_on_record() throws IOException {
    PublishedModule api = PublishedModule.named(PublishedModule.API);
    Set<String> exported = api.exportedPackages();
    List<String> lines =
        api.classes().stream()
            .filter(type -> exported.contains(type.getPackageName()))
            .map(JavaClass::reflect)
            .filter(PublicApiTest::isVisible)
            .sorted(Comparator.comparing(Class::getName))
            .flatMap(type -> Signatures.of(type).stream())
            .toList();
    Path found = Files.write(Path.of("target", "public-api.txt"), lines);
    if (System.getProperty(UPDATE) != null) {
      Files.copy(found, FILE, StandardCopyOption.REPLACE_EXISTING);
    }
    assertThat(found)
        .as(
            "the API, which differs from %s. If the change is meant, write the file anew and commit"
                + " both: mvn -pl integration-tests/architecture -am verify -Dtest=PublicApiTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -D%s",
            FILE, UPDATE)
        .hasSameTextualContentAs(FILE);
  }

  /** A nested type is as visible as the least visible one around it. */
  private static boolean isVisible(Class<?> type) {
    Class<?> around = type.getEnclosingClass();
    return Signatures.isVisible(type.getModifiers()) && (around == null || isVisible(around));
  }
}
