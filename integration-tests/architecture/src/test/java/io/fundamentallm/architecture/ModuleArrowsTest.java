package io.fundamentallm.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import java.lang.module.ModuleDescriptor;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every module depends on api and on no sibling; api depends on java.base alone. */
class ModuleArrowsTest {

  static List<String> implementations() {
    return PublishedModule.IMPLEMENTATIONS;
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void no_class_depends_on_a_sibling_module(String name) {
    noClasses()
        .should()
        .dependOnClassesThat(
            describe(
                "belong to a sibling of " + name,
                type ->
                    type.getPackageName().startsWith(PublishedModule.API)
                        && !Set.of(name, PublishedModule.API)
                            .contains(PublishedModule.owner(type.getPackageName()))))
        .check(PublishedModule.named(name).classes());
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void no_module_requires_a_sibling(String name) {
    assertThat(PublishedModule.named(name).descriptor().requires())
        .extracting(ModuleDescriptor.Requires::name)
        .contains(PublishedModule.API)
        .doesNotContainAnyElementsOf(
            implementations().stream().filter(other -> !other.equals(name)).toList());
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void all_classes_of_a_module_lie_under_its_name(String name) {
    classes().should().resideInAPackage(name + "..").check(PublishedModule.named(name).classes());
  }

  @Test
  void no_class_of_api_lies_in_a_package_of_another_module() {
    noClasses()
        .should()
        .resideInAnyPackage(implementations().stream().map(m -> m + "..").toArray(String[]::new))
        .check(PublishedModule.named(PublishedModule.API).classes());
  }

  @Test
  void api_depends_on_java_base_alone() {
    Set<String> javaBase =
        ModuleLayer.boot().findModule("java.base").orElseThrow().getDescriptor().packages();
    PublishedModule api = PublishedModule.named(PublishedModule.API);
    Set<String> own = api.classes().stream().map(JavaClass::getPackageName).collect(toSet());

    classes()
        .should()
        .onlyDependOnClassesThat(
            describe(
                "are in java.base, api itself or JSpecify",
                type -> {
                  JavaClass base = type.getBaseComponentType();
                  return base.isPrimitive()
                      || javaBase.contains(base.getPackageName())
                      || own.contains(base.getPackageName())
                      || base.getPackageName().equals("org.jspecify.annotations");
                }))
        .check(api.classes());
  }

  @Test
  void api_requires_nothing_at_run_time() {
    assertThat(PublishedModule.named(PublishedModule.API).descriptor().requires())
        .filteredOn(
            requires -> !requires.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC))
        .extracting(ModuleDescriptor.Requires::name)
        .containsExactly("java.base");
  }
}
