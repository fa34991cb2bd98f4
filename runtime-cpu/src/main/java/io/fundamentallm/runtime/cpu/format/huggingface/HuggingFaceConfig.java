package io.fundamentallm.runtime.cpu.format.huggingface;

import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.runtime.cpu.format.family.Families;
import io.fundamentallm.runtime.cpu.format.spec.Architecture;
import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.ModelSpec;
import io.fundamentallm.runtime.cpu.format.spec.SpecReader;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.io.IOException;

/**
 * config.json of Hugging Face transformers. Each setting that the classes of a model type read is
 * honoured or refused by name; a missing one takes their default.
 */
public final class HuggingFaceConfig {
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
    if (family.has(Trait.GGUF_ONLY)) {
      throw json.problem("model_type", "which this runtime runs from GGUF files only");
    }
    json.refuse("quantization_config");
    JsonObject settings = family.has(Trait.TEXT_CONFIG) ? json.within("text_config") : json;
    try {
      return read(family, settings, files);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw (IOException) json.problem(String.valueOf(e.getMessage())).initCause(e);
    }
  }

  private static ModelSpec read(Family family, JsonObject settings, TensorFiles files)
      throws IOException {
    SpecReader reader = new SpecReader(family, settings);
    int layers = files.requireLayers(reader.layers());
    int context = reader.contextLength();
    TransformerConfig config =
        reader.config(layers, headSize -> RopeSettings.of(family, settings, headSize, context));
    Architecture architecture =
        new Architecture(
            family.names(),
            family.has(Trait.TRANSPOSED),
            family.has(Trait.HEADS_TOGETHER) ? HeadOrder.TOGETHER : HeadOrder.PLAIN,
            reader.biases(),
            reader.tied(),
            family.has(Trait.NORMS_LESS_ONE) ? 1 : 0);
    return new ModelSpec(config, architecture, family, settings);
  }
}
