package io.fundamentallm.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rooms of each module, floor by floor: each knows only those on the floors below its own. */
class RoomsTest {
  /** From the ground up; "" is the module's own package. */
  private static final Map<String, List<Set<String>>> FLOORS =
      Map.of(
          PublishedModule.TOKENIZERS,
          List.of(
              Set.of(".unicode", ".json", ".chat.value"),
              Set.of(".text", ".chat"),
              Set.of(".split"),
              Set.of(".model", ".train", ".gguf.section"),
              Set.of(".pipeline"),
              Set.of(".huggingface"),
              Set.of(".sentencepiece", ".tiktoken"),
              Set.of(".gguf"),
              Set.of("")),
          PublishedModule.SAMPLERS,
          List.of(
              Set.of(".filter", ".decode", ".constraint.grammar"),
              Set.of(".constraint.automaton", ".constraint.regex"),
              Set.of(".constraint.schema"),
              Set.of(".constraint.chat"),
              Set.of(".constraint"),
              Set.of("")),
          PublishedModule.RUNTIME_CPU,
          List.of(
              Set.of(".kernels.math", ".kernels.team", ".kernels.onednn"),
              Set.of(".kernels.product", ".kernels.norm", ".kernels.update"),
              Set.of(".kernels.attention", ".kernels.elementwise"),
              Set.of(".kernels"),
              Set.of(".model"),
              Set.of(".format.tensor"),
              Set.of(".format.safetensors", ".format.spec", ".format.quantize"),
              Set.of(".format.family"),
              Set.of(".train.parameter"),
              Set.of(".train.layer", ".format.gguf"),
              Set.of(".format.huggingface", ".train.optimizer", ".train.window"),
              Set.of(".format"),
              Set.of(".onnx", ".gguf", ".train.tuning"),
              Set.of(".train.checkpoint"),
              Set.of(".train"),
              Set.of("")),
          PublishedModule.RUNTIME_GPU,
          List.of(
              Set.of(".graph"), Set.of(".ort"), Set.of(".memory"), Set.of(".cache"), Set.of("")),
          PublishedModule.HUB,
          List.of(Set.of("")));

  static List<String> modules() {
    return PublishedModule.IMPLEMENTATIONS;
  }

  @ParameterizedTest
  @MethodSource("modules")
  void every_room_has_a_floor(String module) {
    Set<String> known = new HashSet<>();
    FLOORS.get(module).forEach(floor -> floor.forEach(room -> known.add(module + room)));
    assertThat(classes(module).stream().map(JavaClass::getPackageName).collect(toSet()))
        .isEqualTo(known);
  }

  @ParameterizedTest
  @MethodSource("modules")
  void each_room_knows_only_the_floors_below(String module) {
    Set<String> below = new HashSet<>();
    for (Set<String> floor : FLOORS.get(module)) {
      for (String room : floor) {
        Set<String> allowed = new HashSet<>(below);
        allowed.add(module + room);
        noClasses()
            .that()
            .resideInAPackage(module + room)
            .should()
            .dependOnClassesThat(
                describe(
                    "lie in another room that is not on a floor below",
                    type ->
                        PublishedModule.owner(type.getPackageName()).equals(module)
                            && !allowed.contains(type.getPackageName())))
            .check(classes(module));
      }
      floor.forEach(room -> below.add(module + room));
    }
  }

  private static JavaClasses classes(String module) {
    return PublishedModule.named(module).classes();
  }
}
