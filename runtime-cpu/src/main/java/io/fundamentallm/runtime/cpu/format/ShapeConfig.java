package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.internal.directory.BoundaryTokens;
import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.ModelSpec;
import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * config.json, with the keys of Hugging Face transformers, for a model whose own files have none.
 *
 * @param spec the model's settings
 * @param tokens the tokens that begin and end a text
 */
record ShapeConfig(ModelSpec spec, BoundaryTokens tokens) {

  /** The fields of the file. */
  Map<String, @Nullable Object> fields() {
    Family family = spec.family();
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("architectures", List.of(family.className()));
    fields.put("model_type", family.type());
    fields.putAll(spec.settings().values());
    for (TransformerConfig.Positions layer : spec.config().positions()) {
      Rotary rotary = layer.rotary();
      if (rotary != null && layer.window() == 0 || !family.reads("rope_local_base_freq")) {
        rotary(fields, rotary);
      }
    }
    fields.putAll(tokens.fields());
    fields.put("torch_dtype", "float32");
    return fields;
  }

  private void rotary(Map<String, @Nullable Object> fields, @Nullable Rotary rotary) {
    Family family = spec.family();
    if (rotary == null) {
      return;
    }
    fields.put(family.key("rope_theta"), rotary.theta());
    if (family.reads("partial_rotary_factor")) {
      double part = (double) rotary.dimensions() / spec.config().headSize();
      fields.put(family.key("partial_rotary_factor"), part);
    }
    fields.put("rope_scaling", scaling(rotary.scaling()));
    if (rotary.scaling() instanceof Rotary.LongRope longRope) {
      fields.put("original_max_position_embeddings", longRope.trainedContext());
    }
  }

  /**
   * Divisors for each frequency are called longrope in transformers; they apply to both of its
   * lengths.
   */
  private static @Nullable Map<String, Object> scaling(Rotary.Scaling scaling) {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (scaling instanceof Rotary.Linear linear) {
      fields.put("rope_type", "linear");
      fields.put("factor", linear.factor());
    } else if (scaling instanceof Rotary.Yarn yarn) {
      fields.put("rope_type", "yarn");
      fields.put("factor", yarn.factor());
      fields.put("original_max_position_embeddings", yarn.trainedContext());
      fields.put("beta_fast", yarn.betaFast());
      fields.put("beta_slow", yarn.betaSlow());
      fields.put("attention_factor", yarn.attentionFactor());
      fields.put("truncate", yarn.truncate());
    } else if (scaling instanceof Rotary.Divided divided) {
      fields.put("rope_type", "longrope");
      fields.put("short_factor", divided.divisors());
      fields.put("long_factor", divided.divisors());
      fields.put("attention_factor", 1.0);
    } else if (scaling instanceof Rotary.LongRope longRope) {
      fields.put("rope_type", "longrope");
      fields.put("short_factor", longRope.shortDivisors());
      fields.put("long_factor", longRope.longDivisors());
      fields.put("attention_factor", longRope.attentionFactor());
    } else {
      return null;
    }
    return fields;
  }
}
