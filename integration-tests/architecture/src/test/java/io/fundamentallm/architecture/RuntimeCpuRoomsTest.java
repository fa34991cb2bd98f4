package io.fundamentallm.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import org.junit.jupiter.api.Test;

/**
 * The rooms of runtime-cpu: kernels know nothing of models, and models know nothing of training.
 */
class RuntimeCpuRoomsTest {

  private static final String ROOM = PublishedModule.RUNTIME_CPU + ".";

  private final JavaClasses classes = PublishedModule.named(PublishedModule.RUNTIME_CPU).classes();

  @Test
  void kernels_know_nothing_of_models_training_and_files() {
    noClasses()
        .that()
        .resideInAPackage(ROOM + "kernels..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOM + "model..", ROOM + "train..", ROOM + "format..")
        .check(classes);
  }

  @Test
  void models_know_nothing_of_training() {
    noClasses()
        .that()
        .resideInAPackage(ROOM + "model..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOM + "train..")
        .check(classes);
  }
}
