package io.fundamentallm.runtime.cpu.format.gguf;

import io.fundamentallm.internal.directory.BoundaryTokens;
import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.runtime.cpu.format.family.Families;
import io.fundamentallm.runtime.cpu.format.spec.Architecture;
import io.fundamentallm.runtime.cpu.format.spec.Architecture.Bias;
import io.fundamentallm.runtime.cpu.format.spec.Architecture.Biases;
import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.ModelSpec;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.SpecReader;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a model in a GGUF file, under the keys that llama.cpp writes. Each setting
 * of the architecture is honoured, or refused by name.
 */
public final class GgufConfig {
  /**
   * llama.cpp's LLAMA_TOKEN_NULL, which some files use as the id of a token that does not exist.
   */
  private static final double NO_TOKEN = 0xFFFFFFFFL;

  private static final String ARCHITECTURE = "general.architecture";

  private GgufConfig() {}

  /**
   * Why a file cannot be read, judging by its metadata; null if it can.
   *
   * @throws IOException when a key has a value of another type
   */
  public static @Nullable String objection(GgufKeys keys) throws IOException {
    String name = keys.text(ARCHITECTURE);
    if (Families.ofGguf(name).isEmpty()) {
      return ARCHITECTURE + " is " + name + ", it runs " + Families.ggufArchitectures();
    }
    return keys.real("split.count", 1) > 1
        ? "split.count is more than 1, it runs files that are not split; llama-gguf-split merges them"
        : null;
  }

  /**
   * Reads the configuration.
   *
   * @throws IOException when it is incomplete or asks for something that this runtime does not
   *     implement; names file and key
   */
  public static ModelSpec read(GgufKeys keys, TensorFiles files) throws IOException {
    String objection = objection(keys);
    if (objection != null) {
      throw keys.problem(objection);
    }
    try {
      String architecture = keys.text(ARCHITECTURE);
      return spec(family(keys, architecture), keys, files);
    } catch (IllegalArgumentException e) {
      throw (IOException) keys.problem(String.valueOf(e.getMessage())).initCause(e);
    }
  }

  /** llama.cpp has one name for several families, which their settings tell apart. */
  private static Family family(GgufKeys keys, String architecture) throws IOException {
    boolean experts = keys.real(architecture + ".expert_count", 0) > 0;
    List<Family> candidates =
        Families.ofGguf(architecture).stream()
            .filter(family -> family.names().has(Part.ROUTER) == experts)
            .toList();
    if (candidates.isEmpty()) {
      throw keys.problem(architecture + ".expert_count", "which this runtime does not implement");
    }
    double window = keys.real(architecture + ".attention.sliding_window", 0);
    boolean slides = window > 0 && window < keys.real(architecture + ".context_length");
    for (Family family : candidates) {
      if (family.reads("sliding_window") == slides) {
        return family;
      }
    }
    return candidates.get(0);
  }

  private static ModelSpec spec(Family family, GgufKeys keys, TensorFiles files)
      throws IOException {
    String prefix = family.gguf().architecture() + ".";
    int layers = files.requireLayers(keys.size(prefix + "block_count"));
    JsonObject settings = new GgufSettings(family, keys, files).read(layers);
    SpecReader reader = new SpecReader(family, settings);
    int context = reader.contextLength();
    GgufRope rope = new GgufRope(family, keys, files);
    TransformerConfig config = reader.config(layers, headSize -> rope.read(headSize, context));
    keys.requireAllAsked(prefix);
    boolean all = family.has(Trait.BIASES) || family.has(Trait.INNER_BIASES);
    Bias bias = all ? Bias.REQUIRED : Bias.OPTIONAL;
    Architecture architecture =
        new Architecture(
            family.ggufNames(),
            false,
            family.gguf().order(),
            new Biases(bias, bias, bias, Bias.of(family.has(Trait.EXPERT_BIASES))),
            reader.tied(),
            0);
    if (family.gguf().order() == HeadOrder.PAIRS && config.headSize() % 2 != 0) {
      throw keys.problem("heads of " + config.headSize() + " channels cannot be rotated in pairs");
    }
    return new ModelSpec(config, architecture, family, settings);
  }

  /** The tokens that begin and end a text. */
  public static BoundaryTokens boundaryTokens(GgufKeys keys, int vocabularySize)
      throws IOException {
    Set<Integer> end = new TreeSet<>();
    for (String kind : List.of("eos", "eot", "eom")) {
      OptionalInt id = id(keys, kind);
      if (id.isPresent()) {
        end.add(id.getAsInt());
      }
    }
    return BoundaryTokens.of(id(keys, "bos"), end, vocabularySize);
  }

  private static OptionalInt id(GgufKeys keys, String kind) throws IOException {
    double id = keys.real("tokenizer.ggml." + kind + "_token_id", NO_TOKEN);
    return id == NO_TOKEN ? OptionalInt.empty() : OptionalInt.of((int) id);
  }
}
