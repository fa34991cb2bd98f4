package io.fundamentallm.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static java.util.stream.Collectors.toUnmodifiableSet;

import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.domain.ThrowsDeclaration;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What applications see uses the JDK's types and our exported ones. So no application meets a
 * library of ours in its own code, and we may change or drop that library in a minor release.
 */
class ExportedSignaturesTest {

  private static final Set<String> EXPORTED =
      PublishedModule.all().stream()
          .flatMap(module -> module.exportedPackages().stream())
          .collect(toUnmodifiableSet());

  static List<PublishedModule> modules() {
    return PublishedModule.all();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void exported_signatures_name_no_foreign_type(PublishedModule module) {
    Set<String> exported = module.exportedPackages();
    classes()
        .that(
            describe(
                "are visible in an exported package of " + module.descriptor().name(),
                type -> exported.contains(type.getPackageName()) && isVisible(type)))
        .should(nameNoForeignType())
        // A module may export nothing at all and offer its classes through ServiceLoader alone.
        .allowEmptyShould(exported.isEmpty())
        .check(module.classes());
  }

  private static ArchCondition<JavaClass> nameNoForeignType() {
    return new ArchCondition<>("name no foreign type") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        Stream<JavaType> supertypes =
            Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream());
        rawTypes(Stream.concat(supertypes, type.getTypeParameters().stream()))
            .filter(used -> !isOurs(used))
            .forEach(used -> report(type.getDescription(), used, events));
        type.getAnnotations().forEach(used -> checkAnnotation(type.getDescription(), used, events));

        type.getMembers().stream()
            .filter(member -> isVisible(member.getModifiers()))
            .filter(member -> !member.getModifiers().contains(JavaModifier.SYNTHETIC))
            .forEach(member -> checkMember(member, events));
      }
    };
  }

  private static void checkMember(JavaMember member, ConditionEvents events) {
    Stream<JavaClass> thrown =
        member instanceof JavaCodeUnit code
            ? code.getThrowsClause().stream().map(ThrowsDeclaration::getRawType)
            : Stream.empty();
    Stream.concat(member.getAllInvolvedRawTypes().stream(), thrown)
        .filter(used -> !isOurs(used))
        .forEach(used -> report(member.getDescription(), used, events));
    member.getAnnotations().forEach(used -> checkAnnotation(member.getDescription(), used, events));
  }

  private static void checkAnnotation(
      String place, JavaAnnotation<?> annotation, ConditionEvents events) {
    JavaClass used = annotation.getRawType();
    if (!isOurs(used) && !used.getPackageName().equals("org.jspecify.annotations")) {
      report(place, used, events);
    }
  }

  private static void report(String place, JavaClass used, ConditionEvents events) {
    events.add(
        SimpleConditionEvent.violated(
            used, place + " uses " + used.getName() + ", which applications should not see"));
  }

  private static Stream<JavaClass> rawTypes(Stream<? extends JavaType> types) {
    return types.flatMap(type -> type.getAllInvolvedRawTypes().stream());
  }

  private static boolean isOurs(JavaClass type) {
    JavaClass base = type.getBaseComponentType();
    return base.isPrimitive()
        || base.getPackageName().startsWith("java.")
        || EXPORTED.contains(base.getPackageName());
  }

  /** A nested class is as visible as the least visible class around it. */
  private static boolean isVisible(JavaClass type) {
    return isVisible(type.getModifiers())
        && type.getEnclosingClass().map(ExportedSignaturesTest::isVisible).orElse(true);
  }

  private static boolean isVisible(Set<JavaModifier> modifiers) {
    return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
  }
}
