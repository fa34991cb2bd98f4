package io.fundamentallm.runtime.cpu.format.huggingface;

import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.runtime.cpu.format.family.Families;
import io.fundamentallm.runtime.cpu.format.spec.Architecture;
import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.ModelSpec;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.SpecReader;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.io.IOException;
import java.util.Map;

/**
 * config.json of Hugging Face transformers. Each setting that the classes of a model type read is
 * honoured or refused by name; a missing one takes their default.
 */
public final class HuggingFaceConfig {
  private static final String TEXT = "language_model.";

  private HuggingFaceConfig() {}

  /**
   * Reads a configuration.
   *
   * @param files the tensors that it describes, whose number the layers are checked against
   * @throws IOException when it is malformed or asks for something that this runtime does not
   *     implement; names file and key
   */
  public static ModelSpec read(JsonObject json, TensorFiles files) throws IOException {
    Family family = Families.named(json.text("model_type"));
    if (family == null) {
      throw json.problem("model_type", "expected one of " + Families.types());
    }
    if (!family.names().fusedExperts()
        || !"mxfp4".equals(json.within("quantization_config").text("quant_method"))) {
      json.refuse("quantization_config");
    }
    JsonObject settings = family.has(Trait.TEXT_CONFIG) ? json.within("text_config") : json;
    try {
      return read(family, settings, files);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw (IOException) json.problem(String.valueOf(e.getMessage())).initCause(e);
    }
  }

  /** One family assumes scaled positions where the file says nothing of them. */
  private static JsonObject withScaling(Family family, JsonObject settings) {
    Object usual = family.keys().get("rope_scaling");
    return usual == null || settings.has("rope_parameters")
        ? settings
        : settings.withDefaults(Map.of("rope_scaling", usual));
  }

  /**
   * The transformer may lie in the module of the text part, as before transformers 4.52, or that in
   * it.
   */
  private static TensorNames names(Family family, TensorFiles files) {
    TensorNames names = family.names();
    if (!family.has(Trait.TEXT_CONFIG)) {
      return names;
    }
    TensorNames newer = names.inside(TEXT);
    boolean known = files.tensors().containsKey(newer.of(Part.EMBEDDING) + ".weight");
    return known ? newer : names.within(TEXT);
  }

  private static ModelSpec read(Family family, JsonObject settings, TensorFiles files)
      throws IOException {
    SpecReader reader = new SpecReader(family, settings);
    int layers = files.requireLayers(reader.layers());
    int context = reader.contextLength();
    JsonObject rope = withScaling(family, settings);
    TransformerConfig config =
        reader.config(layers, headSize -> RopeSettings.of(family, rope, headSize, context));
    Architecture architecture =
        new Architecture(
            names(family, files),
            family.has(Trait.TRANSPOSED),
            family.has(Trait.HEADS_TOGETHER) ? HeadOrder.TOGETHER : HeadOrder.PLAIN,
            reader.biases(),
            reader.tied(),
            family.has(Trait.NORMS_LESS_ONE) ? 1 : 0);
    return new ModelSpec(config, architecture, family, settings);
  }
}
