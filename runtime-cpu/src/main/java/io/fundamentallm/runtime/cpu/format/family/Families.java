package io.fundamentallm.runtime.cpu.format.family;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The families that this runtime runs. */
public final class Families {
  private static final List<Family> ALL =
      List.of(Gpt2.GPT2, GptNeoX.GPT_NEOX, Llama.LLAMA, Llama.MISTRAL, Qwen.QWEN2, Qwen.QWEN3);

  private Families() {}

  /** All of them. */
  public static List<Family> all() {
    return ALL;
  }

  /** The family with this {@code model_type}; null if there is none. */
  public static @Nullable Family named(@Nullable String type) {
    return ALL.stream().filter(family -> family.type().equals(type)).findFirst().orElse(null);
  }

  /** The families that llama.cpp calls by this name. */
  public static List<Family> ofGguf(String architecture) {
    return ALL.stream()
        .filter(family -> family.gguf().architecture().equals(architecture))
        .toList();
  }

  /** All {@code model_type}s, sorted. */
  public static String types() {
    return sorted(ALL.stream().map(Family::type));
  }

  /** All architectures of GGUF files, sorted. */
  public static String ggufArchitectures() {
    return sorted(ALL.stream().map(family -> family.gguf().architecture()));
  }

  private static String sorted(Stream<String> names) {
    return String.join(", ", names.distinct().sorted().toList());
  }
}
