package io.fundamentallm.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The floors of api: each package knows only those on the floors below its own. */
class ApiFloorsTest {
  /** From the ground up; "" is what an application's author types first. */
  private static final List<Set<String>> FLOORS =
      List.of(
          Set.of(
              ".internal.buffers",
              ".internal.files",
              ".internal.gguf",
              ".internal.numerics",
              ".internal.protobuf"),
          Set.of(".internal.json", ".internal.report"),
          Set.of(".internal.chat", ".internal.corpus", ".internal.directory"),
          Set.of(".model"),
          Set.of(".internal.batching", ".text"),
          Set.of(".decoding", ".training"),
          Set.of(".chat"),
          Set.of(".spi"),
          Set.of(""),
          Set.of(".evaluation"));

  private static final int MAX_PUBLIC_TYPES = 25;
  private static final int MAX_FILES = 40;

  private final JavaClasses classes = PublishedModule.named(PublishedModule.API).classes();

  @Test
  void every_package_has_a_floor() {
    Set<String> known = new HashSet<>();
    FLOORS.forEach(floor -> floor.forEach(name -> known.add(PublishedModule.API + name)));
    assertThat(classes.stream().map(JavaClass::getPackageName).collect(toSet())).isEqualTo(known);
  }

  @Test
  void each_package_knows_only_the_floors_below() {
    Set<String> below = new HashSet<>();
    for (Set<String> floor : FLOORS) {
      for (String room : floor) {
        String name = PublishedModule.API + room;
        Set<String> allowed = Set.copyOf(below);
        noClasses()
            .that()
            .resideInAPackage(name)
            .should()
            .dependOnClassesThat(
                describe(
                    "lie in another package that is not on a floor below",
                    type ->
                        type.getPackageName().startsWith(PublishedModule.API)
                            && !type.getPackageName().equals(name)
                            && !allowed.contains(type.getPackageName())))
            .check(classes);
      }
      floor.forEach(room -> below.add(PublishedModule.API + room));
    }
  }

  @Test
  void what_an_application_types_first_is_little() {
    assertThat(
            classes.stream()
                .filter(type -> type.getPackageName().equals(PublishedModule.API))
                .filter(type -> type.isTopLevelClass())
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .map(JavaClass::getSimpleName))
        .hasSizeLessThanOrEqualTo(MAX_PUBLIC_TYPES);
  }

  @Test
  void no_package_is_a_heap() {
    classes.stream()
        .filter(JavaClass::isTopLevelClass)
        .collect(groupingBy(JavaClass::getPackageName))
        .forEach((room, types) -> assertThat(types).as(room).hasSizeLessThanOrEqualTo(MAX_FILES));
  }
}
