package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The shape of a decoder-only transformer, from which one is assembled. Families of models differ
 * in nothing else.
 *
 * @param architecture the {@code model_type} of config.json, such as {@code gpt2} or {@code llama}
 * @param vocabularySize V, number of tokens
 * @param contextLength T, longest sequence
 * @param hiddenSize C, channels of the residual stream
 * @param norms of the residual stream
 * @param attention what all attention layers have in common
 * @param feedForward what all feed-forward layers have in common
 * @param scales constant factors between the layers
 * @param positions for each layer how it tells positions apart
 */
public record TransformerConfig(
    String architecture,
    int vocabularySize,
    int contextLength,
    int hiddenSize,
    Norms norms,
    Attention attention,
    FeedForward feedForward,
    Scales scales,
    List<Positions> positions) {

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException if one is out of range; the message names it
   */
  public TransformerConfig {
    positive("vocabularySize", vocabularySize);
    positive("contextLength", contextLength);
    positive("hiddenSize", hiddenSize);
    positive("layers", positions.size());
    positions = List.copyOf(positions);
    if (norms.parallel() && (scales.residual != 1 || feedForward.experts != null)) {
      throw new IllegalArgumentException("parallel residuals have neither scale nor experts");
    }
    if (feedForward.experts != null && (norms.after() || scales.residual != 1)) {
      throw new IllegalArgumentException("experts have neither norms after them nor a scale");
    }
    for (Positions layer : positions) {
      Rotary rotary = layer.rotary;
      if (rotary != null && rotary.dimensions() > attention.headSize) {
        throw new IllegalArgumentException(
            "rotary dimensions must be at most headSize "
                + attention.headSize
                + ", not "
                + rotary.dimensions());
      }
    }
  }

  /** Number of blocks. */
  public int layers() {
    return positions.size();
  }

  /**
   * The length beyond which LongRoPE rotates a sequence by other divisors, all of its positions;
   * {@link Integer#MAX_VALUE} where there is none.
   */
  int switchesAt() {
    int end = Integer.MAX_VALUE;
    for (Positions layer : positions) {
      if (layer.rotary != null && layer.rotary.scaling() instanceof Rotary.LongRope longRope) {
        end = Math.min(end, longRope.trainedContext());
      }
    }
    return end;
  }

  /** H, attention heads. */
  public int heads() {
    return attention.heads;
  }

  /** Heads of keys and values, of which H is a multiple. */
  public int keyValueHeads() {
    return attention.keyValueHeads;
  }

  /** D, channels of a head; H·D need not be C. */
  public int headSize() {
    return attention.headSize;
  }

  /** Channels inside a feed-forward layer, or inside each expert where there are several. */
  public int innerSize() {
    return feedForward.innerSize;
  }

  /** The same of one layer. */
  public int innerSize(int layer) {
    Experts experts = feedForward.experts;
    return experts != null && experts(layer) == null ? experts.denseSize : feedForward.innerSize;
  }

  /** The experts of a layer; null where it has one feed-forward layer. */
  public @Nullable Experts experts(int layer) {
    Experts experts = feedForward.experts;
    return experts == null || experts.denseLayers.contains(layer) ? null : experts;
  }

  /** Where the norms of a block are. */
  public enum Placement {
    /** Before attention and before the feed-forward layer. */
    BEFORE,
    /** The same, but both layers read the block's input. */
    PARALLEL,
    /** After attention and after the feed-forward layer, before their outputs are added. */
    AFTER,
    /** Before and after. */
    BOTH
  }

  /**
   * The norms of the residual stream.
   *
   * @param rms RMSNorm (Zhang and Sennrich 2019) if true, else LayerNorm (Ba et al. 2016)
   * @param epsilon added to the variance or the mean square
   * @param placement where they are
   */
  public record Norms(boolean rms, float epsilon, Placement placement) {
    /** Checks epsilon. */
    public Norms {
      if (!(epsilon > 0 && epsilon < 1)) {
        throw new IllegalArgumentException(
            "normEpsilon must be above 0 and below 1, not " + epsilon);
      }
    }

    /** Whether attention and feed-forward layer both read the block's input. */
    public boolean parallel() {
      return placement == Placement.PARALLEL;
    }

    /** Whether layers read what a norm gives. */
    public boolean before() {
      return placement != Placement.AFTER;
    }

    /** Whether a norm comes between a layer's outputs and the residual stream. */
    public boolean after() {
      return placement == Placement.AFTER || placement == Placement.BOTH;
    }
  }

  /** The RMSNorm of queries and of keys, before rotation. */
  public enum QueryKeyNorm {
    /** There is none. */
    NONE,
    /** Each head by itself. */
    HEAD,
    /** All heads together. */
    WIDTH
  }

  /**
   * What attention layers have in common.
   *
   * @param heads H, attention heads
   * @param keyValueHeads heads of keys and values, of which H is a multiple
   * @param headSize D, channels of a head
   * @param scale factor on scores; 1/√D in Vaswani et al. (2017)
   * @param softCap c if scores become c·tanh(score/c) (Gemma Team 2024); 0 if they do not
   * @param norm of queries and keys
   * @param sinks whether each head has a score of its own for attending to nothing (Xiao et al.
   *     2023)
   */
  public record Attention(
      int heads,
      int keyValueHeads,
      int headSize,
      float scale,
      float softCap,
      QueryKeyNorm norm,
      boolean sinks) {
    /** Checks every value. */
    public Attention {
      positive("heads", heads);
      positive("keyValueHeads", keyValueHeads);
      positive("headSize", headSize);
      if (heads % keyValueHeads != 0) {
        throw new IllegalArgumentException(
            "the "
                + heads
                + " heads are no multiple of the "
                + keyValueHeads
                + " heads of keys and values");
      }
      factor("attention scale", scale);
      cap("attention soft cap", softCap);
    }

    /** Attention as in Vaswani et al. (2017), with grouped queries. */
    public static Attention of(int heads, int keyValueHeads, int headSize) {
      positive("headSize", headSize);
      return new Attention(
          heads, keyValueHeads, headSize, usualScale(headSize), 0, QueryKeyNorm.NONE, false);
    }

    /** The same with these norms. */
    public Attention with(QueryKeyNorm norm) {
      return new Attention(heads, keyValueHeads, headSize, scale, softCap, norm, sinks);
    }

    /** The scale of scores that is usual with heads of a size. */
    public static float usualScale(int headSize) {
      return (float) (1 / Math.sqrt(headSize));
    }
  }

  /**
   * What feed-forward layers have in common.
   *
   * @param innerSize channels inside the layer
   * @param activation of the inner channels, or of their gate
   * @param gated whether the activation of a gate multiplies the layer (Shazeer 2020)
   * @param limit l if the gate is cut off at l, what it multiplies at ±l, and the layer computes
   *     {@code gate·σ(1.702·gate)·(up + 1)}, as gpt-oss does; 0 if not
   * @param experts how tokens choose among several such layers; null where there is one
   */
  public record FeedForward(
      int innerSize, Activation activation, boolean gated, float limit, @Nullable Experts experts) {
    /** Checks the sizes. */
    public FeedForward {
      positive("innerSize", innerSize);
      cap("limit of gates", limit);
    }

    /** One layer for all tokens. */
    public FeedForward(int innerSize, Activation activation, boolean gated) {
      this(innerSize, activation, gated, 0, null);
    }
  }

  /**
   * A mixture of experts (Shazeer et al. 2017): each token goes through those feed-forward layers
   * that a router finds most probable for it, and their outputs are weighted by its probabilities.
   *
   * @param count experts of a layer
   * @param used how many of them a token goes through
   * @param normalized whether the probabilities of those are divided by their sum
   * @param sharedSize inner channels of an expert for all tokens, beside the others; 0 for none
   * @param denseLayers the layers that have one feed-forward layer and no router
   * @param denseSize inner channels of those
   */
  public record Experts(
      int count,
      int used,
      boolean normalized,
      int sharedSize,
      Set<Integer> denseLayers,
      int denseSize) {
    /** In every layer. */
    public Experts(int count, int used, boolean normalized, int sharedSize) {
      this(count, used, normalized, sharedSize, Set.of(), 1);
    }

    /** Checks the sizes. */
    public Experts {
      denseLayers = Set.copyOf(denseLayers);
      positive("inner channels of layers without experts", denseSize);
      positive("experts", count);
      positive("experts of a token", used);
      if (used > count) {
        throw new IllegalArgumentException(
            "experts of a token must be at most the " + count + " that there are, not " + used);
      }
    }
  }

  /**
   * Constant factors.
   *
   * @param embedding on the token embedding
   * @param residual on what a layer adds to the residual stream
   * @param logits on the logits
   * @param logitCap c if logits become c·tanh(logit/c); 0 if they do not
   */
  public record Scales(float embedding, float residual, float logits, float logitCap) {
    /** None. */
    public static final Scales NONE = new Scales(1, 1, 1, 0);

    /** Checks every value. */
    public Scales {
      factor("embedding scale", embedding);
      factor("residual scale", residual);
      factor("logit scale", logits);
      cap("logit soft cap", logitCap);
    }
  }

  /**
   * How a layer tells positions apart.
   *
   * @param rotary its rotary positions; null where there are none
   * @param window how many positions a token sees, itself included; 0 for all
   */
  public record Positions(@Nullable Rotary rotary, int window) {
    /** The same in all layers. */
    public static List<Positions> same(int layers, @Nullable Rotary rotary, int window) {
      return Collections.nCopies(layers, new Positions(rotary, window));
    }

    /** The same but for the windows. */
    public static List<Positions> of(@Nullable Rotary rotary, List<Integer> windows) {
      return windows.stream().map(window -> new Positions(rotary, window)).toList();
    }
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be 1 or more, not " + value);
    }
  }

  private static void factor(String name, float value) {
    if (!(value > 0 && value < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(name + " must be above 0, not " + value);
    }
  }

  private static void cap(String name, float value) {
    if (!(value >= 0 && value < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(name + " must be 0 or more, not " + value);
    }
  }
}
