package io.fundamentallm.runtime.cpu.format.spec;

import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.runtime.cpu.format.spec.Architecture.Bias;
import io.fundamentallm.runtime.cpu.format.spec.Architecture.Biases;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.Attention;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.Experts;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.FeedForward;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.Norms;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.Placement;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.QueryKeyNorm;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.Scales;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Assembles a transformer's shape from the settings of a model and the description of its family.
 * Each key means the same in every family that reads it.
 */
public final class SpecReader {
  private static final String DENSE_LAYERS = "mlp_only_layers";

  private final Family family;
  private final JsonObject given;
  private final JsonObject json; // with the family's defaults

  /**
   * A reader.
   *
   * @param given the settings under the keys of the family's config.json
   */
  public SpecReader(Family family, JsonObject given) {
    this.family = family;
    this.given = given;
    this.json = given.withDefaults(family.keys());
  }

  /**
   * The shape.
   *
   * @param layers how many, checked against the tensors
   * @throws IOException when the settings ask for something that this runtime does not implement;
   *     names file and key
   * @throws IllegalArgumentException when a value is out of range
   */
  public TransformerConfig config(int layers, Rope.Source source) throws IOException {
    for (var required : family.required().entrySet()) {
      json.require(required.getKey(), required.getValue());
    }
    int hiddenSize = size("hidden_size");
    int heads = size("num_attention_heads");
    Attention attention = attention(hiddenSize, heads);
    Rope rope = source.read(attention.headSize());
    return new TransformerConfig(
        family.type(),
        size("vocab_size"),
        rope.contextLength(),
        hiddenSize,
        norms(),
        attention,
        feedForward(hiddenSize, layers),
        scales(hiddenSize),
        new PositionReader(family, json).positions(layers, rope));
  }

  /** How many layers the settings ask for. */
  public int layers() throws IOException {
    return size("num_hidden_layers");
  }

  /** The longest sequence, before any scaling of rotary positions. */
  public int contextLength() throws IOException {
    return size("max_position_embeddings");
  }

  /** Whether the head is the token embedding. */
  public boolean tied() throws IOException {
    return json.flag("tie_word_embeddings", false);
  }

  /** Which linear layers have biases. */
  public Biases biases() throws IOException {
    boolean all = family.has(Trait.BIASES) || flag("use_bias");
    boolean attention = all || flag("attention_bias");
    boolean inner = all || family.has(Trait.INNER_BIASES) || flag("mlp_bias");
    boolean queries = attention || flag("qkv_bias") || family.has(Trait.QUERY_KEY_VALUE_BIASES);
    Bias experts = Bias.of(family.has(Trait.EXPERT_BIASES));
    return new Biases(Bias.of(queries), Bias.of(attention), Bias.of(inner), experts);
  }

  /** This family's name of a key, or the usual one, which transformers takes as well. */
  private String key(String usual) {
    String own = family.key(usual);
    return given.has(usual) && !given.names().contains(own) ? usual : own;
  }

  private int size(String usual) throws IOException {
    return json.size(key(usual));
  }

  /** A size that only some families can set, and that may be null. */
  private int size(String usual, int other) throws IOException {
    return family.reads(usual) ? json.size(key(usual), other) : other;
  }

  private boolean flag(String usual) throws IOException {
    return family.reads(usual) && json.flag(key(usual), false);
  }

  private float real(String usual, float other) throws IOException {
    return family.reads(usual) ? (float) json.real(key(usual), other) : other;
  }

  private Norms norms() throws IOException {
    boolean after = family.names().has(Part.AFTER1);
    Placement placement =
        flag("use_parallel_residual")
            ? Placement.PARALLEL
            : !after
                ? Placement.BEFORE
                : family.names().has(Part.NORM1) ? Placement.BOTH : Placement.AFTER;
    float epsilon = (float) json.real(key("rms_norm_eps"));
    return new Norms(!family.has(Trait.LAYER_NORM), epsilon, placement);
  }

  private Attention attention(int hiddenSize, int heads) throws IOException {
    int headSize = size("head_dim", 0);
    if (headSize == 0) {
      if (hiddenSize % heads != 0) {
        throw json.problem(
            hiddenSize + " channels are not a multiple of " + heads + " attention heads");
      }
      headSize = hiddenSize / heads;
    }
    float scale = real("attention_multiplier", Attention.usualScale(headSize));
    if (family.reads("query_pre_attn_scalar")) {
      scale = (float) (1 / Math.sqrt(json.real("query_pre_attn_scalar")));
    }
    QueryKeyNorm norm =
        !family.names().has(Part.QUERY_NORM)
            ? QueryKeyNorm.NONE
            : family.has(Trait.WIDE_QUERY_KEY_NORM) ? QueryKeyNorm.WIDTH : QueryKeyNorm.HEAD;
    return new Attention(
        heads,
        size("num_key_value_heads", heads),
        headSize,
        scale,
        real("attn_logit_softcapping", 0),
        norm,
        family.names().has(Part.SINKS));
  }

  private FeedForward feedForward(int hiddenSize, int layers) throws IOException {
    Experts experts = family.names().has(Part.ROUTER) ? experts(layers) : null;
    String inner =
        key(family.reads("moe_intermediate_size") ? "moe_intermediate_size" : "intermediate_size");
    boolean gated =
        family.names().has(Part.GATE)
            || family.names().has(Part.GATE_UP)
            || family.names().has(Part.EXPERT_GATE);
    return new FeedForward(
        json.has(inner) ? json.size(inner) : Math.multiplyExact(4, hiddenSize),
        ActivationNames.read(json, key("hidden_act")),
        gated,
        real("swiglu_limit", 0),
        experts);
  }

  private Experts experts(int layers) throws IOException {
    Set<Integer> dense = new HashSet<>();
    if (family.reads(DENSE_LAYERS)) {
      Set<Integer> given = new HashSet<>(json.wholeNumbers(DENSE_LAYERS));
      int step = json.size("decoder_sparse_step");
      for (int i = 0; i < layers; i++) {
        if ((i + 1) % step != 0 || given.contains(i)) {
          dense.add(i);
        }
      }
    } else {
      json.refuse(DENSE_LAYERS);
    }
    return new Experts(
        size("num_experts"),
        size("num_experts_per_tok"),
        family.has(Trait.NORMALIZED_EXPERTS) || flag("norm_topk_prob"),
        size("shared_expert_intermediate_size", 0),
        dense,
        size("intermediate_size"));
  }

  private Scales scales(int hiddenSize) throws IOException {
    float root = family.has(Trait.ROOT_EMBEDDING) ? (float) Math.sqrt(hiddenSize) : 1;
    return new Scales(
        real("embedding_multiplier", root),
        real("residual_multiplier", 1),
        1 / real("logits_scaling", 1),
        real("final_logit_softcapping", 0));
  }
}
