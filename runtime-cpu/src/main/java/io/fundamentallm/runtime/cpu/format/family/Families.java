package io.fundamentallm.runtime.cpu.format.family;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The families that this runtime runs. */
public final class Families {
  private static final List<Family> ALL =
      List.of(
          Gemma.GEMMA2,
          Gemma.GEMMA3,
          Gemma.GEMMA3_TEXT,
          Gpt2.GPT2,
          GptNeoX.GPT_NEOX,
          GptOss.GPT_OSS,
          Granite.GRANITE,
          Llama.LLAMA,
          Llama.MISTRAL,
          Mixtral.MIXTRAL,
          Olmo2.OLMO2,
          Phi3.PHI3,
          Qwen.QWEN2,
          QwenMoe.QWEN2_MOE,
          Qwen.QWEN3,
          QwenMoe.QWEN3_MOE,
          SmolLm3.SMOLLM3,
          Starcoder2.STARCODER2);

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
        .filter(family -> !family.has(Trait.TEXT_CONFIG)) // such files have text only
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
