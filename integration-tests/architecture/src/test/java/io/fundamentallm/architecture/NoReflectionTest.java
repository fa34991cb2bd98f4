package io.fundamentallm.architecture;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import java.io.ObjectInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pure Java modules read no class by name and no serialised object. */
class NoReflectionTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        PublishedModule.API,
        PublishedModule.TOKENIZERS,
        PublishedModule.SAMPLERS,
        PublishedModule.RUNTIME_CPU,
        PublishedModule.HUB
      })
  void no_class_uses_reflection_or_java_serialisation(String name) {
    JavaClasses classes = PublishedModule.named(name).classes();

    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.reflect..")
        .check(classes);
    noClasses()
        .should()
        .callMethodWhere(
            target(owner(equivalentTo(Class.class)))
                .and(target(nameMatching("forName|newInstance|get.*(Method|Field|Constructor)s?"))))
        .check(classes);
    noClasses()
        .should()
        .dependOnClassesThat()
        .areAssignableTo(ObjectInputStream.class)
        .check(classes);
  }
}
