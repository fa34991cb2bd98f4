package io.fundamentallm.runtime.cpu.gguf;

import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model's shape under the keys of llama.cpp's converter, or why it has none: llama.cpp would
 * silently compute something else.
 */
final class ModelKeys {
  /** llama.cpp's names, where they differ from those of Hugging Face; it runs mistral as llama. */
  private static final Map<String, String> NAMES = Map.of("gpt_neox", "gptneox", "mistral", "llama");

  private static final Set<String> KNOWN = Set.of("gpt2", "gptneox", "llama", "qwen2", "qwen3");

  private final TransformerConfig config;
  private final String architecture;

  /**
   * The keys of a model.
   *
   * @throws IllegalArgumentException when GGUF has no such model
   */
  ModelKeys(TransformerConfig config) {
    this.config = config;
    architecture = NAMES.getOrDefault(config.architecture(), config.architecture());
    if (!KNOWN.contains(architecture)) {
      throw unknown("models of type " + config.architecture());
    }
  }

  /** What llama.cpp calls the kind of model. */
  String architecture() {
    return architecture;
  }

  /** Whether the file has queries, keys and values in one tensor. */
  boolean fused() {
    return architecture.equals("gpt2") || architecture.equals("gptneox");
  }

  /** Channels of a head whose halves are interleaved in the file; 0 if they are not. */
  int interleaved() {
    return architecture.equals("llama") ? config.headSize() : 0;
  }

  private IllegalArgumentException unknown(String what) {
    return new IllegalArgumentException("llama.cpp does not run " + what);
  }

  /** Writes everything under the architecture's name. */
  void write(MetadataWriter keys) {
    String prefix = architecture + ".";
    keys.number(prefix + "vocab_size", config.vocabularySize())
        .number(prefix + "context_length", config.contextLength())
        .number(prefix + "embedding_length", config.hiddenSize())
        .number(prefix + "block_count", config.layers())
        .number(prefix + "feed_forward_length", config.innerSize())
        .number(prefix + "attention.head_count", config.heads())
        .number(prefix + "attention.head_count_kv", config.keyValueHeads())
        .number(prefix + "attention.key_length", config.headSize())
        .number(prefix + "attention.value_length", config.headSize());
    String epsilon = config.rmsNorm() ? "layer_norm_rms_epsilon" : "layer_norm_epsilon";
    keys.real(prefix + "attention." + epsilon, config.normEpsilon());
    if (architecture.equals("gptneox")) {
      keys.flag(prefix + "use_parallel_residual", config.parallelResidual());
    }
    requireActivation();
    writeWindow(keys, prefix);
    Rotary rotary = config.rotary();
    if (rotary != null) {
      keys.number(prefix + "rope.dimension_count", rotary.dimensions())
          .real(prefix + "rope.freq_base", rotary.theta());
      write(rotary.scaling(), keys, prefix + "rope.scaling.");
    }
  }

  private void requireActivation() {
    Set<Activation> known =
        switch (architecture) {
          case "gpt2" -> Set.of(Activation.GELU_TANH);
          case "gptneox" -> Set.of(Activation.GELU, Activation.GELU_TANH);
          default -> Set.of(Activation.SILU);
        };
    if (!known.contains(config.activation())) {
      throw unknown(architecture + " models with the activation " + config.activation());
    }
  }

  private void writeWindow(MetadataWriter keys, String prefix) {
    Set<Integer> windows = new HashSet<>();
    for (int window : config.windows()) {
      windows.add(window >= config.contextLength() ? 0 : window);
    }
    if (windows.equals(Set.of(0))) {
      return;
    }
    if (windows.size() > 1 || !architecture.equals("llama")) {
      throw unknown(architecture + " models with sliding windows like this one's");
    }
    keys.number(prefix + "attention.sliding_window", windows.iterator().next());
  }

  private void write(Rotary.Scaling scaling, MetadataWriter keys, String prefix) {
    if (scaling instanceof Rotary.Linear linear) {
      keys.text(prefix + "type", "linear").real(prefix + "factor", linear.factor());
    } else if (scaling instanceof Rotary.Yarn yarn) {
      if (!yarn.truncate()) {
        throw unknown("YaRN with bounds that are not rounded");
      }
      keys.text(prefix + "type", "yarn")
          .real(prefix + "factor", yarn.factor())
          .number(prefix + "original_context_length", yarn.trainedContext())
          .real(prefix + "yarn_beta_fast", yarn.betaFast())
          .real(prefix + "yarn_beta_slow", yarn.betaSlow());
      // llama.cpp multiplies this with its own growth of cosines and sines
      double own = 1 + 0.1 * Math.log(yarn.factor());
      if (Math.abs(yarn.attentionFactor() / own - 1) > 1e-6) {
        keys.real(prefix + "attn_factor", yarn.attentionFactor() / own);
      }
    } else if (scaling instanceof Rotary.Dynamic) {
      throw unknown("dynamic NTK scaling of rotary positions");
    }
  }

  /** The tensor {@code rope_freqs.weight}; null for none. */
  float @Nullable [] divisors() {
    Rotary rotary = config.rotary();
    if (rotary == null) {
      return null;
    }
    float[] divisors;
    if (rotary.scaling() instanceof Rotary.Divided divided) {
      List<Float> own = divided.divisors();
      divisors = new float[own.size()];
      for (int i = 0; i < divisors.length; i++) {
        divisors[i] = own.get(i);
      }
    } else if (rotary.scaling() instanceof Rotary.Llama3 rule) {
      divisors = new float[rotary.dimensions() / 2];
      for (int i = 0; i < divisors.length; i++) {
        double frequency = Math.pow(rotary.theta(), -2.0 * i / rotary.dimensions());
        divisors[i] = (float) divisor(rule, frequency);
      }
    } else {
      return null;
    }
    if (!architecture.equals("llama")) {
      throw unknown(architecture + " models with a divisor for each rotary frequency");
    }
    return divisors;
  }

  /** What Llama 3.1's rule divides a frequency by. */
  private static double divisor(Rotary.Llama3 rule, double frequency) {
    double rotations = rule.trainedContext() * frequency / (2 * Math.PI);
    double kept =
        (rotations - rule.lowFrequencyFactor())
            / (rule.highFrequencyFactor() - rule.lowFrequencyFactor());
    kept = Math.max(0, Math.min(1, kept));
    return 1 / ((1 - kept) / rule.factor() + kept);
  }
}
