package io.fundamentallm.webservice;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each package knows only those below it. */
class RoomsTest {
  private static final String ROOT = WebService.class.getPackageName();

  /** From the ground up. */
  private static final List<Set<String>> FLOORS =
      List.of(
          Set.of(".settings", ".error"),
          Set.of(".json", ".admission"),
          Set.of(".access", ".constraint", ".model"),
          Set.of(".request"),
          Set.of(".answer"),
          Set.of(""));

  private static final int MAX_FILES = 40;

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void each_package_knows_only_the_floors_below() {
    Set<String> below = new HashSet<>();
    for (Set<String> floor : FLOORS) {
      for (String room : floor) {
        for (JavaClass type : classes) {
          if (type.getPackageName().equals(ROOT + room)) {
            assertThat(type.getDirectDependenciesFromSelf())
                .extracting(dependency -> dependency.getTargetClass().getPackageName())
                .filteredOn(known -> known.startsWith(ROOT) && !known.equals(ROOT + room))
                .as(type.getName())
                .isSubsetOf(below);
          }
        }
      }
      floor.forEach(room -> below.add(ROOT + room));
    }
    assertThat(classes.stream().map(JavaClass::getPackageName).collect(toSet())).isEqualTo(below);
  }

  @Test
  void no_package_is_a_heap() {
    assertThat(
            classes.stream()
                .filter(JavaClass::isTopLevelClass)
                .collect(groupingBy(JavaClass::getPackageName, counting())))
        .allSatisfy((room, types) -> assertThat(types).as(room).isLessThanOrEqualTo(MAX_FILES));
  }
}
