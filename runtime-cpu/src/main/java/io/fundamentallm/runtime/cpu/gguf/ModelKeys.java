package io.fundamentallm.runtime.cpu.gguf;

import io.fundamentallm.runtime.cpu.format.family.Families;
import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.Attention;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.Experts;

/**
 * A model's shape under the keys of llama.cpp's converter, or why it has none: llama.cpp would
 * silently compute something else.
 */
final class ModelKeys {
  private static final String NORMALIZED = "norm_topk_prob";

  private final TransformerConfig config;
  private final Family family;
  private final String prefix;

  /**
   * The keys of a model.
   *
   * @throws IllegalArgumentException when GGUF has no such model
   */
  ModelKeys(TransformerConfig config) {
    this.config = config;
    Family known = Families.named(config.architecture());
    if (known == null) {
      throw new IllegalArgumentException(
          "llama.cpp does not run models of type " + config.architecture());
    }
    family = known;
    prefix = architecture() + ".";
  }

  /** What llama.cpp calls the kind of model. */
  String architecture() {
    return family.gguf().architecture();
  }

  /** What the file calls its tensors. */
  TensorNames names() {
    return family.ggufNames();
  }

  /** Channels of a head whose halves are interleaved in the file; 0 if they are not. */
  int interleaved() {
    return family.gguf().order() == HeadOrder.PAIRS ? config.headSize() : 0;
  }

  /** The positions, which have keys and tensors of their own. */
  PositionKeys positions() {
    return new PositionKeys(config, family);
  }

  private IllegalArgumentException unknown(String what) {
    return new IllegalArgumentException(
        "llama.cpp does not run " + architecture() + " models with " + what);
  }

  /** Writes everything under the architecture's name. */
  void write(MetadataWriter keys) {
    keys.number(prefix + "vocab_size", config.vocabularySize())
        .number(prefix + "context_length", config.contextLength())
        .number(prefix + "embedding_length", config.hiddenSize())
        .number(prefix + "block_count", config.layers())
        .number(prefix + "feed_forward_length", config.innerSize())
        .number(prefix + "attention.head_count", config.heads())
        .number(prefix + "attention.head_count_kv", config.keyValueHeads())
        .number(prefix + "attention.key_length", config.headSize())
        .number(prefix + "attention.value_length", config.headSize());
    String epsilon = config.norms().rms() ? "layer_norm_rms_epsilon" : "layer_norm_epsilon";
    keys.real(prefix + "attention." + epsilon, config.norms().epsilon());
    if (family.reads("use_parallel_residual")) {
      keys.flag(prefix + "use_parallel_residual", config.norms().parallel());
    }
    requireActivation();
    writeExperts(keys);
    writeScales(keys);
    positions().write(keys, prefix);
  }

  /** No key names it; llama.cpp has the tanh form of GELU for all that have a GELU. */
  private void requireActivation() {
    Activation own = config.feedForward().activation();
    String usual = String.valueOf(family.keys().get(family.key("hidden_act")));
    boolean known =
        usual.startsWith("gelu")
            ? own == Activation.GELU_TANH || (own == Activation.GELU && usual.equals("gelu"))
            : own == Activation.SILU;
    if (!known) {
      throw unknown("the activation " + own);
    }
  }

  /** How many experts a layer has; 0 where there is one feed-forward layer. */
  int experts() {
    Experts experts = config.feedForward().experts();
    return experts == null ? 0 : experts.count();
  }

  private void writeExperts(MetadataWriter keys) {
    float limit = config.feedForward().limit();
    if (limit != 0 && limit != family.number("swiglu_limit", 0)) {
      throw unknown("gates cut off at " + limit);
    }
    Experts experts = config.feedForward().experts();
    if (experts == null) {
      return;
    }
    if (!experts.denseLayers().isEmpty()) {
      throw unknown("layers without experts among the others");
    }
    keys.number(prefix + "expert_count", experts.count())
        .number(prefix + "expert_used_count", experts.used());
    if (family.reads("moe_intermediate_size") || limit != 0) {
      keys.number(prefix + "expert_feed_forward_length", config.innerSize());
    }
    if (experts.sharedSize() > 0) {
      keys.number(prefix + "expert_shared_feed_forward_length", experts.sharedSize());
    }
    // no key says it; a family that cannot set it divides by the sum
    Object usual = family.gguf().settings().getOrDefault(NORMALIZED, family.keys().get(NORMALIZED));
    if (experts.normalized() == Boolean.FALSE.equals(usual)) {
      throw unknown("such weights of experts");
    }
  }

  private void writeScales(MetadataWriter keys) {
    Attention attention = config.attention();
    boolean caps = family.number("attn_logit_softcapping", 0) != 0;
    if (attention.softCap() != 0 && !caps) {
      throw unknown("\"attn_logit_softcapping\""); // read, and not applied
    }
    writeCap(keys, "attn_logit_softcapping", attention.softCap());
    writeCap(keys, "final_logit_softcapping", config.scales().logitCap());
    writeIfRead(keys, "embedding_multiplier", "embedding_scale", config.scales().embedding());
    writeIfRead(keys, "residual_multiplier", "residual_scale", config.scales().residual());
    writeIfRead(keys, "logits_scaling", "logit_scale", 1 / config.scales().logits());
    if (family.reads("attention_multiplier")) {
      keys.real(prefix + "attention.scale", attention.scale());
    } else if (family.reads("query_pre_attn_scalar")) {
      boolean wide = config.layers() == family.gguf().wideLayers();
      int size = wide ? config.hiddenSize() / config.heads() : config.headSize();
      if (Math.abs(attention.scale() * Math.sqrt(size) - 1) > 1e-6) {
        throw unknown("scores scaled by " + attention.scale());
      }
    }
  }

  private void writeCap(MetadataWriter keys, String name, float cap) {
    boolean own = family.number(name, 0) != 0;
    if (own && cap == 0) {
      throw unknown("no \"" + name + "\""); // without the key it has the architecture's own
    }
    writeIfRead(keys, name, name, cap);
  }

  private void writeIfRead(MetadataWriter keys, String setting, String key, float value) {
    // a soft cap of 0 is none, and llama.cpp would divide by it
    if (family.reads(setting) && value != 0) {
      keys.real(prefix + key, value);
    }
  }

  /** Whether the file has a tensor for a part. */
  boolean has(Part part) {
    return names().has(part);
  }
}
