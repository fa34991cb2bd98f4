package io.fundamentallm.runtime.cpu.train.parameter;

import io.fundamentallm.runtime.cpu.format.family.Families;
import io.fundamentallm.runtime.cpu.format.spec.Architecture;
import io.fundamentallm.runtime.cpu.format.spec.Architecture.Bias;
import io.fundamentallm.runtime.cpu.format.spec.Architecture.Biases;
import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.Attention;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.FeedForward;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.Norms;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.Placement;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.Positions;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.Scales;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The shape of a transformer that can be trained: that of one that is run, and how its files hold
 * the weights. Each feature of the shape is an option of the trained block.
 *
 * @param shape as the runtime runs it
 * @param files which tensors there are, and what they are called
 * @param balance factor on the loss that spreads tokens over experts, {@code router_aux_loss_coef};
 *     0 without experts
 */
public record TrainableConfig(TransformerConfig shape, Architecture files, float balance) {

  /** The epsilon of the published GPT-2 models, and of Llama since version 2. */
  public static final float DEFAULT_EPSILON = 1e-5f;

  /** The base of Su et al. 2021. */
  public static final double DEFAULT_THETA = 10000;

  /** What of it a person chooses, for messages. */
  public String description() {
    return String.format(
        "%d layers, %d heads, hidden size %d, inner size %d, vocabulary size %d, context length %d",
        layers(), heads(), hiddenSize(), innerSize(), vocabularySize(), contextLength());
  }

  /** A GPT-2 model with an inner size of 4·C. */
  public static TrainableConfig gpt2(
      int vocabularySize, int contextLength, int hiddenSize, int layers, int heads) {
    return gpt2(vocabularySize, contextLength, hiddenSize, layers, heads, DEFAULT_EPSILON);
  }

  /** A GPT-2 model with an inner size of 4·C and this epsilon. */
  public static TrainableConfig gpt2(
      int vocabularySize, int contextLength, int hiddenSize, int layers, int heads, float epsilon) {
    int inner = (int) Math.min(Integer.MAX_VALUE, 4L * hiddenSize);
    Sizes sizes = new Sizes(vocabularySize, contextLength, hiddenSize, layers, heads, heads, inner);
    return gpt2(sizes, epsilon);
  }

  /** A GPT-2 model of any inner size. */
  public static TrainableConfig gpt2(Sizes sizes, float epsilon) {
    return of(
        "gpt2",
        sizes,
        new Norms(false, epsilon, Placement.BEFORE),
        new FeedForward(sizes.innerSize, Activation.GELU_TANH, false),
        null,
        true);
  }

  /** A Llama model with the usual epsilon and angles. */
  public static TrainableConfig llama(
      int vocabularySize,
      int contextLength,
      int hiddenSize,
      int layers,
      int heads,
      int keyValueHeads,
      int innerSize,
      boolean tied) {
    Sizes sizes =
        new Sizes(
            vocabularySize, contextLength, hiddenSize, layers, heads, keyValueHeads, innerSize);
    int headSize = hiddenSize / heads;
    if (headSize % 2 != 0) {
      throw new IllegalArgumentException(
          "hiddenSize/heads must be even for rotary positions, not " + headSize);
    }
    return of(
        "llama",
        sizes,
        new Norms(true, DEFAULT_EPSILON, Placement.BEFORE),
        new FeedForward(innerSize, Activation.SILU, true),
        new Rotary(headSize, DEFAULT_THETA, new Rotary.Unscaled()),
        tied);
  }

  /** The sizes of a new model, whose heads share the hidden size evenly. */
  public record Sizes(
      int vocabularySize,
      int contextLength,
      int hiddenSize,
      int layers,
      int heads,
      int keyValueHeads,
      int innerSize) {
    /** Checks that they fit together. */
    public Sizes {
      positive("vocabularySize", vocabularySize);
      positive("contextLength", contextLength);
      positive("hiddenSize", hiddenSize);
      positive("layers", layers);
      positive("heads", heads);
      positive("keyValueHeads", keyValueHeads);
      positive("innerSize", innerSize);
      if (hiddenSize % heads != 0) {
        throw new IllegalArgumentException(
            "hiddenSize must be a multiple of heads, but "
                + hiddenSize
                + " is not a multiple of "
                + heads);
      }
    }

    private static void positive(String name, int value) {
      if (value < 1) {
        throw new IllegalArgumentException(name + " must be 1 or more, not " + value);
      }
    }
  }

  private static TrainableConfig of(
      String type,
      Sizes sizes,
      Norms norms,
      FeedForward feedForward,
      @Nullable Rotary rotary,
      boolean tied) {
    Family family = Objects.requireNonNull(Families.named(type));
    TransformerConfig shape =
        new TransformerConfig(
            type,
            sizes.vocabularySize,
            sizes.contextLength,
            sizes.hiddenSize,
            norms,
            Attention.of(sizes.heads, sizes.keyValueHeads, sizes.hiddenSize / sizes.heads),
            feedForward,
            Scales.NONE,
            Positions.same(sizes.layers, rotary, 0));
    Bias bias = Bias.of(family.has(Trait.BIASES));
    Architecture files =
        new Architecture(
            family.names(),
            family.has(Trait.TRANSPOSED),
            HeadOrder.PLAIN,
            new Biases(bias, bias, bias, Bias.ABSENT),
            tied,
            0);
    return new TrainableConfig(shape, files, 0);
  }

  /** The same for sequences of another length. */
  public TrainableConfig withContextLength(int length) {
    return new TrainableConfig(
        new TransformerConfig(
            shape.architecture(),
            shape.vocabularySize(),
            length,
            shape.hiddenSize(),
            shape.norms(),
            shape.attention(),
            shape.feedForward(),
            shape.scales(),
            shape.positions()),
        files,
        balance);
  }

  /** V, number of tokens. */
  public int vocabularySize() {
    return shape.vocabularySize();
  }

  /** T, longest sequence. */
  public int contextLength() {
    return shape.contextLength();
  }

  /** C, channels of the residual stream. */
  public int hiddenSize() {
    return shape.hiddenSize();
  }

  /** Number of blocks. */
  public int layers() {
    return shape.layers();
  }

  /** H, attention heads. */
  public int heads() {
    return shape.heads();
  }

  /** Heads of keys and values, of which H is a multiple. */
  public int keyValueHeads() {
    return shape.keyValueHeads();
  }

  /** D, channels of one head; H·D need not be C. */
  public int headSize() {
    return shape.headSize();
  }

  /** I, channels inside the feed-forward layers, or inside each expert. */
  public int innerSize() {
    return shape.innerSize();
  }

  /** What is added to the variance or the mean square. */
  public float normEpsilon() {
    return shape.norms().epsilon();
  }

  /** Whether the token embedding is the language-model head too. */
  public boolean tied() {
    return files.tied();
  }

  /** Whether there is a table of positions, whose length is the context's. */
  public boolean hasPositionTable() {
    return files.names().has(Part.POSITIONS);
  }

  /** Whether the activation of a gate multiplies the inner channels. */
  public boolean gated() {
    return shape.feedForward().gated();
  }

  /** H·D, columns of queries and of what attention gives. */
  public int querySize() {
    return Math.multiplyExact(heads(), headSize());
  }

  /** Columns of keys, and of values. */
  public int keySize() {
    return Math.multiplyExact(keyValueHeads(), headSize());
  }

  /** Q, columns of queries, keys and values. */
  public int queryKeyValueSize() {
    return Math.multiplyExact(heads() + 2 * keyValueHeads(), headSize());
  }

  /** Columns of a feed-forward layer's first product: its inner channels, or gate and up. */
  public int upSize(int inner) {
    return gated() ? Math.multiplyExact(2, inner) : inner;
  }

  /** Floats of the largest matrix, or matrices, of the blocks that one product takes. */
  public int largestProduct() {
    long columns = Math.max(queryKeyValueSize(), querySize());
    for (int i = 0; i < layers(); i++) {
      columns = Math.max(columns, upSize(shape.innerSize(i)));
    }
    TransformerConfig.Experts experts = shape.feedForward().experts();
    if (experts != null) {
      columns = Math.max(columns, upSize(experts.sharedSize()));
    }
    return Math.toIntExact(columns * hiddenSize());
  }

  /** The rotary positions of the first layer that has some; null if there is none. */
  public @Nullable Rotary rotary() {
    List<Positions> layers = shape.positions();
    return layers.stream().map(Positions::rotary).filter(Objects::nonNull).findFirst().orElse(null);
  }
}
