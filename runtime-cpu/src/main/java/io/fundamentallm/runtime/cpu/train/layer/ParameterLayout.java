package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.format.spec.Architecture.Bias;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.QueryKeyNorm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where each tensor of a model is in one flat {@code float[]} of all parameters. Gradients and
 * optimiser moments are flat arrays of the same layout.
 *
 * <p>Names and shapes are those of Hugging Face's files. GPT-2's come without {@link #prefix()}:
 * {@code wte.weight} [V][C], {@code h.0.attn.c_attn.weight} [C][3C], and so on; its matrices of
 * linear layers are stored [in][out]. Those of other families are stored [out][in], {@code
 * model.layers.0.self_attn.q_proj.weight} [H·D][C]. Those that are computed together follow one
 * another: queries, keys, values; gate, up. So do their biases. Immutable.
 */
public final class ParameterLayout implements FlatLayout {

  /**
   * One tensor.
   *
   * @param name its name in a model file
   * @param shape its dimensions, outermost first
   * @param offset index of its first element in the flat array
   * @param decayed whether weight decay applies: to matrices, the embeddings among them, as in
   *     nanoGPT
   */
  public record Tensor(String name, List<Integer> shape, int offset, boolean decayed) {
    private static final Pattern HIDDEN =
        Pattern.compile("(h|([a-z_]+[.])*layers)[.][0-9]+[.].*|base_model[.].*");

    /** Copies the shape. */
    public Tensor {
      shape = List.copyOf(shape);
    }

    /** Whether it is a matrix within the blocks, or of an adapter; neither embedding nor head. */
    public boolean hidden() {
      return shape.size() == 2 && HIDDEN.matcher(name).matches();
    }

    /** Number of elements. */
    public int size() {
      return shape.stream().reduce(1, Math::multiplyExact);
    }
  }

  /** The offset of a tensor that a model does not have. */
  public static final int NONE = -1;

  /**
   * Offsets of the two tensors of a layer, or of several layers that follow one another.
   *
   * @param bias {@link #NONE} where there is none
   */
  public record Place(int weight, int bias) {}

  /**
   * Where the tensors of one transformer block are.
   *
   * @param begin where the first of them is
   * @param norm1 before attention [C]; null for none
   * @param attention queries, keys, values [H·D + 2·keys][C]
   * @param queryNorm of queries, [D] or [H·D], or {@link #NONE}
   * @param keyNorm of keys, or {@link #NONE}
   * @param attentionOut [C][H·D]
   * @param after1 after attention [C]; null for none
   * @param norm2 before the feed-forward layer [C]; null for none
   * @param experts the feed-forward layer, or the experts
   * @param router what chooses experts; null where there is one feed-forward layer
   * @param after2 after the feed-forward layer [C]; null for none
   */
  public record Block(
      int begin,
      @Nullable Place norm1,
      Place attention,
      int queryNorm,
      int keyNorm,
      Place attentionOut,
      @Nullable Place after1,
      @Nullable Place norm2,
      List<Expert> experts,
      @Nullable Router router,
      @Nullable Place after2) {

    /** The first product of the feed-forward layer. */
    public Place mlp() {
      return experts.get(0).up;
    }

    /** The second. */
    public Place mlpOut() {
      return experts.get(0).down;
    }
  }

  /**
   * A feed-forward layer.
   *
   * @param up [I][C], or gate and up
   * @param down [C][I]
   */
  public record Expert(Place up, Place down) {}

  /**
   * What chooses experts.
   *
   * @param weight of its matrix [experts][C]
   * @param shared the expert of all tokens; null for none
   * @param sharedGate of the vector [1][C] that weighs it, or {@link #NONE}
   */
  public record Router(int weight, @Nullable Expert shared, int sharedGate) {}

  private final TrainableConfig config;
  private final TransformerConfig shape;
  private final TensorNames names;
  private final List<Tensor> tensors = new ArrayList<>();
  private final Map<String, Tensor> byName = new HashMap<>();
  private final List<Block> blocks = new ArrayList<>();
  private final String prefix;
  private final int tokenEmbedding;
  private final int positionEmbedding;
  private final int finalNormWeight;
  private final int finalNormBias;
  private final int head;
  private final boolean apart;
  private final List<Tensor> matrices = new ArrayList<>();
  private int size;
  private int matricesSize;

  /**
   * Lays out the parameters of a model.
   *
   * @throws IllegalArgumentException if there are more than 2³¹ − 1 of them
   */
  public ParameterLayout(TrainableConfig config) {
    this(config, false);
  }

  /**
   * Lays out the parameters of a model.
   *
   * @param apart whether the matrices of the blocks' linear layers, other than routers, are not in
   *     the flat array; they are then addressed as if they followed one another in an array of
   *     their own
   * @throws IllegalArgumentException if there are more than 2³¹ − 1 of them
   */
  public ParameterLayout(TrainableConfig config, boolean apart) {
    this.apart = apart;
    this.config = config;
    shape = config.shape();
    names = config.files().names();
    prefix = config.hasPositionTable() ? names.prefix() : "";
    int c = config.hiddenSize();
    int v = config.vocabularySize();
    try {
      tokenEmbedding = add(names.of(Part.EMBEDDING) + ".weight", v, c);
      positionEmbedding =
          config.hasPositionTable()
              ? add(names.of(Part.POSITIONS) + ".weight", config.contextLength(), c)
              : NONE;
      for (int i = 0; i < config.layers(); i++) {
        blocks.add(layOut(i));
      }
      Place last = norm(names.of(Part.FINAL_NORM));
      finalNormWeight = last.weight;
      finalNormBias = last.bias;
      head = config.tied() ? tokenEmbedding : add(names.of(Part.HEAD) + ".weight", v, c);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "a model of this shape has more than " + Integer.MAX_VALUE + " parameters: " + config, e);
    }
  }

  private Block layOut(int layer) {
    int c = config.hiddenSize();
    int begin = size;
    Place norm1 = norm(layer, Part.NORM1);
    Place attention = attention(layer);
    boolean wide = shape.attention().norm() == QueryKeyNorm.WIDTH;
    int queryNorm = headNorm(layer, Part.QUERY_NORM, wide ? config.querySize() : config.headSize());
    int keyNorm = headNorm(layer, Part.KEY_NORM, wide ? config.keySize() : config.headSize());
    Place out =
        linear(
            layer,
            Part.ATTENTION_OUT,
            config.querySize(),
            c,
            config.files().biases().attentionOut());
    Place after1 = norm(layer, Part.AFTER1);
    Place norm2 = norm(layer, Part.NORM2);
    List<Expert> experts = new ArrayList<>();
    Router router = null;
    TransformerConfig.Experts several = shape.experts(layer);
    if (several == null) {
      Bias bias = config.files().biases().inner();
      experts.add(expert(layer, shape.innerSize(layer), bias));
    } else {
      int weight = add(names.of(Part.ROUTER, layer) + ".weight", several.count(), c);
      for (int i = 0; i < several.count(); i++) {
        experts.add(
            expert(
                shape.innerSize(),
                name(layer, Part.EXPERT_GATE, i),
                name(layer, Part.EXPERT_UP, i),
                name(layer, Part.EXPERT_DOWN, i)));
      }
      router = router(layer, several, weight);
    }
    return new Block(
        begin,
        norm1,
        attention,
        queryNorm,
        keyNorm,
        out,
        after1,
        norm2,
        List.copyOf(experts),
        router,
        norm(layer, Part.AFTER2));
  }

  private Place attention(int layer) {
    int c = config.hiddenSize();
    Bias bias = config.files().biases().queryKeyValue();
    if (names.has(Part.QUERY_KEY_VALUE)) {
      return linear(layer, Part.QUERY_KEY_VALUE, c, config.queryKeyValueSize(), bias);
    }
    int keys = config.keySize();
    int weight = matrix(names.of(Part.QUERY, layer), c, config.querySize());
    matrix(names.of(Part.KEY, layer), c, keys);
    matrix(names.of(Part.VALUE, layer), c, keys);
    if (bias == Bias.ABSENT) {
      return new Place(weight, NONE);
    }
    int biases = add(names.of(Part.QUERY, layer) + ".bias", config.querySize());
    add(names.of(Part.KEY, layer) + ".bias", keys);
    add(names.of(Part.VALUE, layer) + ".bias", keys);
    return new Place(weight, biases);
  }

  /** The one feed-forward layer of a block. */
  private Expert expert(int layer, int inner, Bias bias) {
    int c = config.hiddenSize();
    Place up;
    if (names.has(Part.GATE_UP)) {
      up = linear(layer, Part.GATE_UP, c, 2 * inner, bias);
    } else if (names.has(Part.GATE)) {
      int weight = matrix(names.of(Part.GATE, layer), c, inner);
      matrix(names.of(Part.UP, layer), c, inner);
      boolean biased = bias != Bias.ABSENT;
      int biases = biased ? add(names.of(Part.GATE, layer) + ".bias", inner) : NONE;
      if (biased) {
        add(names.of(Part.UP, layer) + ".bias", inner);
      }
      up = new Place(weight, biases);
    } else {
      up = linear(layer, Part.UP, c, inner, bias);
    }
    return new Expert(up, linear(layer, Part.DOWN, inner, c, bias));
  }

  /** One of several. */
  private Expert expert(int inner, String gate, String up, String down) {
    int c = config.hiddenSize();
    int weight = matrix(gate, c, inner);
    matrix(up, c, inner);
    return new Expert(new Place(weight, NONE), new Place(matrix(down, inner, c), NONE));
  }

  private Router router(int layer, TransformerConfig.Experts experts, int weight) {
    if (experts.sharedSize() == 0) {
      return new Router(weight, null, NONE);
    }
    Expert shared =
        expert(
            experts.sharedSize(),
            names.of(Part.SHARED_GATE, layer),
            names.of(Part.SHARED_UP, layer),
            names.of(Part.SHARED_DOWN, layer));
    int gate = add(names.of(Part.SHARED_ROUTER, layer) + ".weight", 1, config.hiddenSize());
    return new Router(weight, shared, gate);
  }

  private String name(int layer, Part part, int expert) {
    return names.of(part, layer).replace("#", String.valueOf(expert));
  }

  private @Nullable Place norm(int layer, Part part) {
    return names.has(part) ? norm(names.of(part, layer)) : null;
  }

  private Place norm(String name) {
    int c = config.hiddenSize();
    int weight = add(name + ".weight", c);
    return new Place(weight, shape.norms().rms() ? NONE : add(name + ".bias", c));
  }

  private int headNorm(int layer, Part part, int channels) {
    return names.has(part) ? add(names.of(part, layer) + ".weight", channels) : NONE;
  }

  private Place linear(int layer, Part part, int inputs, int outputs, Bias bias) {
    String name = names.of(part, layer);
    int weight = matrix(name, inputs, outputs);
    return new Place(weight, bias == Bias.ABSENT ? NONE : add(name + ".bias", outputs));
  }

  private int matrix(String name, int inputs, int outputs) {
    if (apart) {
      Tensor matrix =
          new Tensor(shortName(name + ".weight"), List.of(outputs, inputs), matricesSize, true);
      matrices.add(matrix);
      matricesSize = Math.addExact(matricesSize, matrix.size());
      return matrix.offset();
    }
    return config.files().transposed()
        ? add(name + ".weight", inputs, outputs)
        : add(name + ".weight", outputs, inputs);
  }

  private int add(String fullName, Integer... dimensions) {
    String name = shortName(fullName);
    Tensor tensor = new Tensor(name, List.of(dimensions), size, dimensions.length == 2);
    size = Math.addExact(size, tensor.size());
    tensors.add(tensor);
    byName.put(name, tensor);
    return tensor.offset();
  }

  private String shortName(String fullName) {
    return fullName.startsWith(prefix) ? fullName.substring(prefix.length()) : fullName;
  }

  /**
   * The matrices that are not in the flat array, each [outputs][inputs], with their addresses in
   * place of offsets.
   */
  public List<Tensor> matrices() {
    return List.copyOf(matrices);
  }

  /** All tensors, in the order of their offsets, without gaps. */
  @Override
  public List<Tensor> tensors() {
    return List.copyOf(tensors);
  }

  /**
   * The tensor of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Tensor tensor(String name) {
    Tensor tensor = byName.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "no tensor '" + name + "' in a model of " + blocks.size() + " layers");
    }
    return tensor;
  }

  /** Number of parameters: the length of the flat array. */
  @Override
  public int size() {
    return size;
  }

  /** Number of blocks. */
  public int blocks() {
    return blocks.size();
  }

  /** Offsets of the tensors of block i. */
  public Block block(int i) {
    return blocks.get(i);
  }

  /** What precedes the names in a file of the whole model, but for that of an untied head. */
  public String prefix() {
    return prefix;
  }

  /** A tensor's name in a file of the whole model. */
  public String fullName(Tensor tensor) {
    boolean isHead = tensor.name().equals(names.of(Part.HEAD) + ".weight");
    return isHead ? tensor.name() : prefix + tensor.name();
  }

  /** Offset of the token embedding [V][C]. */
  public int tokenEmbedding() {
    return tokenEmbedding;
  }

  /** Offset of the position embedding [T][C], or {@link #NONE}. */
  public int positionEmbedding() {
    return positionEmbedding;
  }

  /** Offset of the last norm's weight [C]. */
  public int finalNormWeight() {
    return finalNormWeight;
  }

  /** Offset of the last norm's bias [C], or {@link #NONE}. */
  public int finalNormBias() {
    return finalNormBias;
  }

  /** Offset of the language-model head [V][C]: the token embedding where the two are tied. */
  public int head() {
    return head;
  }
}
