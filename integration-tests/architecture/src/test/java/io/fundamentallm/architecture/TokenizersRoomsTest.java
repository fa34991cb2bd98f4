package io.fundamentallm.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The rooms of tokenizers, in the order in which a text passes through them: each knows those
 * before it and none behind it.
 */
class TokenizersRoomsTest {
  private static final List<String> ROOMS =
      List.of(
          "unicode",
          "text",
          "split",
          "model",
          "pipeline",
          "json",
          "huggingface",
          "sentencepiece",
          "gguf");

  private final JavaClasses classes = PublishedModule.named(PublishedModule.TOKENIZERS).classes();

  @Test
  void each_room_knows_only_those_before_it() {
    for (int i = 0; i + 1 < ROOMS.size(); i++) {
      noClasses()
          .that()
          .resideInAPackage(room(ROOMS.get(i)))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              ROOMS.subList(i + 1, ROOMS.size()).stream()
                  .map(TokenizersRoomsTest::room)
                  .toArray(String[]::new))
          .check(classes);
    }
  }

  @Test
  void learning_and_templates_know_no_files() {
    noClasses()
        .that()
        .resideInAnyPackage(room("train"), room("chat"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            room("huggingface"),
            room("sentencepiece"),
            room("gguf"),
            room("tiktoken"),
            room("pipeline"),
            room("model"))
        .check(classes);
  }

  private static String room(String name) {
    return PublishedModule.TOKENIZERS + "." + name + "..";
  }
}
